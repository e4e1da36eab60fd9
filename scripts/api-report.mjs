// npm run api-report: writes what the packages offer to importers, so that a change of it is seen in review. --check compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root, setUp } from './setup.mjs';

/** Reports, and the declarations that each begins with. */
const reports = {
  'lib/api-report.txt': ['lib/dist/index.d.ts'],
  'gateway-runtime/api-report.txt': [
    'gateway-runtime/dist/config/index.d.ts',
    'gateway-runtime/dist/clients/index.d.ts',
  ],
};

/** Every declaration that these files lead to, without comments and private members. */
function apiReport(entries) {
  const files = new Map();
  const visit = (path) => {
    if (files.has(path)) return;
    const text = readFileSync(join(root, path), 'utf8');
    files.set(path, withoutComments(text));
    for (const [, target] of text.matchAll(/from ['"](\.[^'"]+)['"]/g)) visit(declarationsOf(path, target));
  };
  for (const entry of entries) visit(entry);
  const parts = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.map(([path, text]) => `// ${path}\n${text}\n`).join('\n');
}

/** Folders have an index; modules end in .js or in nothing. */
function declarationsOf(from, target) {
  return relative(root, join(root, dirname(from), `${target.replace(/\.js$/, '')}.d.ts`));
}

function withoutComments(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(private |#private;|\/\/)/.test(line))
    .join('\n');
}

if (process.argv.includes('--check')) {
  const changed = Object.entries(reports).filter(
    ([path, entries]) => readFileSync(join(root, path), 'utf8') !== apiReport(entries),
  );
  for (const [path] of changed) console.error(`${path} is not what importers get; npm run api-report writes it again`);
  process.exitCode = changed.length === 0 ? 0 : 1;
} else {
  await setUp();
  for (const [path, entries] of Object.entries(reports)) writeFileSync(join(root, path), apiReport(entries));
}
