import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as cdktf from 'cdktf';
import * as library from 'cdktf-oci-mcp';
import { repository } from '../helpers/imports';

const { loadAll } = createRequire(join(repository, 'gateway-runtime/package.json'))('js-yaml');

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
  /** Line of the page on which it begins. */
  readonly line: number;
}

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'lib/README.md',
  'gateway-runtime/README.md',
  'provider-oci/README.md',
].concat(
  readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);

const blocks = pages.flatMap(blocksOf);

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(repository, page), 'utf8');
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(({ index, 2: language = '', 3: body = '' }) => ({
    page,
    language,
    text: body,
    line: text.slice(0, index).split('\n').length,
  }));
}

const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language));
const place = ({ page, line }: Block) => `${page}:${line}`;

/** What nothing here runs: drawings, what programs print, and languages of other people's tools. */
const shownOnly = ['mermaid', 'text', 'sql', 'dockerfile', 'hcl'];

test('every block is of a language that is looked at, or shown only', () => {
  const known = ['ts', 'json', 'jsonc', 'sh', 'yaml', 'python', ...shownOnly];
  expect(blocks.filter(({ language }) => !known.includes(language)).map(place)).toEqual([]);
  expect(blocks.length).toBeGreaterThan(100);
});

test.each(inLanguage('json').map((block) => [place(block), block] as const))('%s is JSON', (_, { text }) => {
  expect(() => JSON.parse(text)).not.toThrow();
});

test.each(inLanguage('yaml').map((block) => [place(block), block] as const))('%s is YAML', (_, { text }) => {
  expect(() => loadAll(text)).not.toThrow();
});

test.each(inLanguage('sh').map((block) => [place(block), block] as const))('%s is a script', (_, { text }) => {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.each(inLanguage('sh').map((block) => [place(block), block] as const))(
  '%s runs scripts that exist',
  (_, { text }) => {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    // Elsewhere there are other scripts.
    if (/^cd | -w /m.test(text)) return;
    for (const [, script = ''] of text.matchAll(/\bnpm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
  },
);

test('Python can be compiled', () => {
  const program = 'import sys, json\nfor name, text in json.load(sys.stdin): compile(text, name, "exec")';
  const input = JSON.stringify(inLanguage('python').map((block) => [place(block), block.text]));
  const { status, stderr } = spawnSync('python3', ['-c', program], { input, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

/** Errors that come of showing a part: names and members that stand elsewhere. */
const ofParts = ['TS2304', 'TS2552', 'TS18004', 'TS2451', 'TS7006', 'TS7031', 'TS2683', 'TS2454', 'TS2503', 'TS2367'];

test('TypeScript can be compiled, as far as the names are there', () => {
  const folder = mkdtempSync(join(repository, 'test/docs/.blocks-'));
  try {
    const shown = inLanguage('ts');
    for (const [index, block] of shown.entries()) writeFileSync(join(folder, `b${index}.ts`), moduleOf(block));
    const options = {
      extends: '../../../test/tsconfig.json',
      compilerOptions: { noEmit: true, noUnusedLocals: false },
      include: ['*.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
    const { stdout } = spawnSync(join(repository, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
    });
    const wrong = stdout
      .split('\n')
      .filter((line) => /error TS\d+/.test(line))
      .filter((line) => !ofParts.some((code) => line.includes(code)))
      .map((line) =>
        line.replace(
          /^.*?b(\d+)\.ts\((\d+),\d+\)/,
          (_, index, at) => `${place(shown[Number(index)] as Block)} line ${at}`,
        ),
      );
    expect(wrong).toEqual([]);
    expect(shown.length).toBeGreaterThan(40);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

/** A module of its own: what it imports, what the library and CDKTF have, and the rest in a function. */
function moduleOf({ text }: Block): string {
  const imports = text.match(/^import [\s\S]*?;$/gm) ?? [];
  const body = text.replace(/^import [\s\S]*?;$/gm, '');
  const declares = (name: string) =>
    new RegExp(`\\b(const|let|class|function)\\s+${name}\\b`).test(body) ||
    imports.some((line) => new RegExp(`\\b${name}\\b`).test(line));
  const uses = (name: string) => new RegExp(`\\b${name}\\b`).test(body) && !declares(name);
  const from = (names: string[], where: string) => {
    const used = names.filter(uses);
    return used.length > 0 ? [`import { ${used.join(', ')} } from '${where}';`] : [];
  };
  const known = [...from(Object.keys(library), 'cdktf-oci-mcp'), ...from(Object.keys(cdktf), 'cdktf')];
  const all = uses('mcp') ? ["import * as mcp from 'cdktf-oci-mcp';"] : [];
  const isModule = /^export |^(abstract )?class /m.test(body);
  const rest = isModule ? body : `export async function shown(this: any) {\n${body}\n}`;
  return [...imports, ...known, ...all, rest].join('\n');
}
