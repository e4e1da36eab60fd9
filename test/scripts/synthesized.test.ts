import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from '../helpers/imports';

const moduleUrl = pathToFileURL(join(repository, 'scripts', 'synthesized.mjs')).href;

/** Calls the ES module in a process of its own, as npm start does. */
function parseTemplate(template: string): unknown {
  const program = `import { parseTemplate } from ${JSON.stringify(moduleUrl)};
    console.log(JSON.stringify(parseTemplate(process.argv[1])));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program, template], { encoding: 'utf8' }),
  );
}

test('references stay in the parsed configuration as expressions', () => {
  const template =
    '{"url":${jsonencode("http://${data.vnic.x.ip}:8000/mcp")},"list":[1,${jsonencode(var.n)}],"text":"a"}';
  expect(parseTemplate(template)).toEqual({
    url: '"http://${data.vnic.x.ip}:8000/mcp"',
    list: [1, 'var.n'],
    text: 'a',
  });
});

test('fails on an expression that does not end', () => {
  expect(() => parseTemplate('{"url":${jsonencode("x")')).toThrow(/an expression is not closed/);
});
