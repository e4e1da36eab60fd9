import { markdownOf } from '../../../lib/report/markdown';
import { mermaidOf } from '../../../lib/report/mermaid';
import type { PlatformDocument } from '../../../lib/report/platform-document';

const empty: PlatformDocument = {
  version: 1,
  servers: [],
  gateways: [],
  edges: [],
  clients: [],
  calls: [],
  paths: [],
  statements: [],
  dynamicGroups: [],
  secrets: [],
  suppressions: [],
};

/** A path with whatever a construct's id may hold, words of Mermaid's language among it. */
const awkward = 'end/Ünïcode "quoted" | pipe <b> ; # %% [x] `y` \\ --> z';

const document: PlatformDocument = {
  ...empty,
  servers: [{ path: awkward, name: 'a|b', description: '*bold* <i>', transport: 'sse', url: 'http://x/mcp' }],
  gateways: [{ path: 'stack/end', url: 'https://y', authentication: { method: 'none' } }],
  edges: [
    {
      path: 'subgraph',
      kind: 'API gateway',
      authentication: 'none',
      leadsTo: ['stack/end'],
      routes: [{ route: 'POST /mcp', backend: 'https://y', anonymous: true, encrypted: true }],
    },
  ],
  clients: [{ path: 'click', grants: [], scopes: [], tools: { 'stack/end': ['a"b'] } }],
  calls: [{ from: 'stack/end', to: awkward, tools: ['*'], encrypted: false }],
  paths: [
    { from: '10.0.0.0/16', to: 'subgraph', port: 'TCP 443', encrypted: true },
    { from: 'stack/end', to: awkward, port: 'TCP 8000', encrypted: false },
    { from: 'stack/end', to: '0.0.0.0/0', port: 'TCP 443' },
    { from: 'stack/end', to: 'stack/Cache', port: 'TCP 6379' },
    { from: 'stack/Nodes', to: 'stack/Cache', port: 'TCP 6379' },
  ],
};

/** The part of Mermaid's grammar that the picture uses. */
const node = /^ {2}(n[0-9a-f]{12})(\["[^"\n]+"\]|\(\["[^"\n]+"\]\)|\{\{"[^"\n]+"\}\}|>"[^"\n]+"\])$/;
const link = /^ {2}(n[0-9a-f]{12}) (-->|-\.->)\|"[^"\n]+"\| (n[0-9a-f]{12})$/;

test('every line of the picture is of the language, and every line between nodes has its ends', () => {
  const [head, ...lines] = mermaidOf(document).split('\n');
  expect(head).toBe('flowchart LR');
  const nodes = lines.flatMap((line) => node.exec(line)?.[1] ?? []);
  const links = lines.flatMap((line) => [link.exec(line) ?? []].filter((match) => match.length > 0));
  expect(nodes.length + links.length).toBe(lines.length);
  expect(new Set(nodes).size).toBe(nodes.length);
  expect(links.flatMap(([, from = '', , to = '']) => [from, to]).filter((id) => !nodes.includes(id))).toEqual([]);
  expect([nodes.length, links.length]).toEqual([6, 5]);
});

test('what the language would read is written by its number', () => {
  const picture = mermaidOf(document);
  expect(picture).toContain('#34;quoted#34; #124; pipe #60;b#62; #59; #35; #37;#37; #91;x#93; #96;y#96; #92; --#62; z');
  expect(picture).toContain('#220;n#239;code');
});

test('a line is dotted where a way is not encrypted', () => {
  const lines = mermaidOf(document)
    .split('\n')
    .filter((line) => link.test(line));
  expect(lines.map((line) => line.replace(/n[0-9a-f]{12}/g, 'n'))).toEqual([
    '  n -->|"may call a#34;b"| n',
    '  n -->|"forwards, encrypted"| n',
    '  n -.->|"*, not encrypted"| n',
    '  n -->|"TCP 443, encrypted"| n',
    '  n -->|"TCP 6379"| n',
  ]);
});

test('no text breaks out of its cell', () => {
  const rows = markdownOf(document)
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.includes('Ünïcode'));
  expect(rows).toHaveLength(3);
  const server = rows[0] ?? '';
  expect(server).toContain('\\| pipe \\<b\\> ; \\# %% \\[x\\] \\`y\\` \\\\ --\\> z');
  expect(server).toContain('\\*bold\\* \\<i\\>');
  expect(server.match(/(?<!\\)\|/g)).toHaveLength(7);
});

test('a platform of nothing is told as one', () => {
  expect(mermaidOf(empty)).toBe('flowchart LR');
  expect(markdownOf(empty).match(/^None\.$/gm)).toHaveLength(9);
});
