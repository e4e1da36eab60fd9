import { execFile } from 'node:child_process';

const script = `
import { Validator } from '@seriousme/openapi-schema-validator';
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const faults = [];
for (const document of JSON.parse(Buffer.concat(chunks))) {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  if (!valid) faults.push(errors);
  else {
    validator.resolveRefs();
    faults.push([]);
  }
}
process.stdout.write(JSON.stringify(faults));
`;

/** What is wrong with OpenAPI documents, by the schemas of the specification; nothing of those that are valid. */
export function faultsOfOpenApi(...documents: unknown[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module', '-e', script],
      { cwd: __dirname, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => (error ? reject(new Error(stderr || error.message)) : resolve(JSON.parse(stdout))),
    );
    child.stdin?.end(JSON.stringify(documents));
  });
}
