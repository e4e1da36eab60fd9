import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { listen } from '../../helpers/gateway-servers.js';
import type { PeerSession, PeerTarget } from '../../helpers/peer-client.js';
import { clients } from '../../helpers/peer-clients.js';
import { spawnPeer } from '../../helpers/peer-servers.js';
import { normal } from './normal.js';

/** The program of a package of the reference servers. */
const programOf = (name: string) =>
  join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js');

const everything = programOf('server-everything');
const filesystem = programOf('server-filesystem');

const slow = 'trigger-long-running-operation';

/** What server-everything is asked for: methods with their params. */
const requests: readonly (readonly [string, Record<string, unknown>?])[] = [
  ...(
    [
      // Before the server asks for roots, a moment after it learned what the client can do.
      [slow, { duration: 0.02, steps: 2 }],
      ['echo', { message: 'ü\u2028' }],
      ['get-sum', { a: 1, b: 2.5 }],
      ['get-sum', { a: 'x' }],
      ['get-structured-content', { location: 'Chicago' }],
      ['get-tiny-image', {}],
      ['get-annotated-message', { messageType: 'error', includeImage: true }],
      ['get-resource-links', { count: 3 }],
      ['trigger-elicitation-request', {}],
      ['trigger-sampling-request', { prompt: 'Hello', maxTokens: 7 }],
      ['get-roots-list', {}],
    ] as const
  ).map(([name, given]) => ['tools/call', { name, arguments: given }] as const),
  ['tools/list'],
  ['prompts/list'],
  ['resources/list'],
  ['resources/templates/list'],
  ['prompts/get', { name: 'simple-prompt' }],
  ['prompts/get', { name: 'args-prompt', arguments: { city: 'Ulm', state: 'BW' } }],
  ['prompts/get', { name: 'args-prompt' }],
  [
    'completion/complete',
    {
      ref: { type: 'ref/prompt', name: 'completable-prompt' },
      argument: { name: 'name', value: '' },
      context: { arguments: { department: 'Sales' } },
    },
  ],
  ['resources/read', { uri: 'demo://resource/static/document/features.md' }],
];

/** What does not depend on when it learned what a client can do, which it tells its client too. */
const timeless = ['notifications/progress', 'elicitation/create', 'sampling/createMessage'];

async function observe(session: PeerSession): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const [method, params] of requests) {
    session.heard.length = 0;
    const outcome = await session.request(method, params, { progress: params?.name === slow });
    const heard = session.heard.filter((message) => timeless.includes(message.method));
    seen[JSON.stringify([method, params])] = normal({ outcome, heard });
  }
  await session.close();
  return seen;
}

function without(member: string, seen: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(seen, (name, value) => (name === member ? undefined : value)));
}

/** Starts server-everything over HTTP; it cannot choose a port itself. */
async function startEverything(mode: 'streamableHttp' | 'sse'): Promise<PeerTarget> {
  const free = await listen(() => {});
  await free.close();
  const child = spawnPeer(process.execPath, [everything, mode], { PORT: String(free.port) });
  child.stdout?.resume();
  const transport = mode === 'sse' ? 'sse' : 'http';
  const url = `${free.url}/${mode === 'sse' ? 'sse' : 'mcp'}`;
  const isUp = () => fetch(free.url).then(Boolean, () => false);
  await until(isUp, 'server-everything to listen');
  return { transport, url };
}

const stdio = (...args: string[]) => ({ transport: 'stdio' as const, command: process.execPath, args });

async function gatewayOf(target: PeerTarget) {
  const connection =
    target.transport === 'stdio'
      ? { command: target.command, args: [...target.args] }
      : { url: target.url, transport: target.transport };
  const gateway = await startGateway({ backends: [{ name: 'b', namespace_tools: false, ...connection }] });
  await gateway.waitFor('b', 'connected');
  return gateway;
}

describe('server-everything', () => {
  let http: PeerTarget;
  let sse: PeerTarget;
  /** What a client sees without a gateway. Over stdio, clients of TypeScript lose the last progress. */
  let direct: Record<string, unknown>;

  beforeAll(async () => {
    http = await startEverything('streamableHttp');
    sse = await startEverything('sse');
    direct = await observe(await clients['typescript-1'](http, 'legacy'));
  });

  const targets = { stdio: () => stdio(everything), http: () => http, sse: () => sse };
  test.each(['stdio', 'http', 'sse'] as const)('offers over %s all that it offers directly', async (mode) => {
    const { url } = await gatewayOf(targets[mode]());
    const [legacy, modern] = await Promise.all([
      clients['typescript-1']({ transport: 'http', url }, 'legacy').then(observe),
      clients['typescript-2']({ transport: 'http', url }, 'modern').then(observe),
    ]);
    expect(legacy).toEqual(direct);
    // The second SDK knows of tasks in neither era.
    expect(modern).toEqual(without('execution', direct));
  });

  test('shows each client the tools that fit its capabilities', async () => {
    const gateway = await gatewayOf(stdio(everything));
    const toolsOf = async (capabilities: object) => {
      const client = new Client({ name: 't', version: '1' }, { capabilities });
      await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)) as never);
      const names = (await client.listTools()).tools.map(({ name }) => name);
      await client.close();
      return names.filter((name) => /^(trigger-(elicit|sampl)|get-roots)/.test(name)).sort();
    };
    const seen = await Promise.all([toolsOf({}), toolsOf({ sampling: {} }), toolsOf({ elicitation: {}, roots: {} })]);
    const [nothing, sampling, asking] = seen;
    expect(nothing).toEqual([]);
    expect(sampling).toEqual(['trigger-sampling-request']);
    expect(asking).toEqual(['get-roots-list', 'trigger-elicitation-request']);
  });
});

describe('server-filesystem', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'peers-')));
  const folder = (name: string) => {
    const path = join(home, name);
    mkdirSync(path);
    writeFileSync(join(path, 'note.txt'), `of ${name}\u2028`);
    return path;
  };
  const paths = { shared: folder('shared'), one: folder('one'), other: folder('other') };

  const opened: Client[] = [];

  /** A client that shows a folder, if it has any. */
  async function open(transport: unknown, root?: string): Promise<Client> {
    const client = new Client({ name: 't', version: '1' }, { capabilities: root ? { roots: {} } : {} });
    if (root) {
      client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: pathToFileURL(root).href }] }));
    }
    await client.connect(transport as never);
    opened.push(client);
    return client;
  }

  afterEach(() => Promise.all(opened.splice(0).map((client) => client.close())));

  const read = async (client: Client, path: string) => {
    const result = await client.callTool({ name: 'read_text_file', arguments: { path: join(path, 'note.txt') } });
    return result.isError ? 'refused' : textOf(result);
  };

  const allowed = async (client: Client) => textOf(await client.callTool({ name: 'list_allowed_directories' }));

  test('serves each client the folders that it shows, and no others', async () => {
    const gateway = await gatewayOf(stdio(filesystem, paths.shared));
    const overHttp = () => new StreamableHTTPClientTransport(new URL(gateway.url));
    const [one, other, neither] = [
      await open(overHttp(), paths.one),
      await open(overHttp(), paths.other),
      await open(overHttp()),
    ];
    // The server asks for them when it has been initialized, and refuses until it knows.
    await until(async () => (await allowed(one)).includes(paths.one), 'the roots of one client to be known');
    await until(async () => (await allowed(other)).includes(paths.other), 'the roots of the other to be known');
    for (const [client, own] of [
      [one, 'one'],
      [other, 'other'],
      [neither, 'shared'],
    ] as const) {
      for (const [name, path] of Object.entries(paths)) {
        expect(await read(client, path)).toBe(name === own ? `of ${own}\u2028` : 'refused');
      }
    }
  });

  test('offers all that it offers directly', async () => {
    const target = stdio(filesystem, paths.shared);
    const gateway = await gatewayOf(target);
    const direct = await open(new StdioClientTransport({ ...target, args: [...target.args] }));
    const through = await open(new StreamableHTTPClientTransport(new URL(gateway.url)));
    expect(await through.listTools()).toEqual(await direct.listTools());
    const calls = [
      ['read_text_file', { path: join(paths.shared, 'note.txt') }],
      ['read_media_file', { path: join(paths.shared, 'note.txt') }],
      ['list_directory', { path: paths.shared }],
      ['get_file_info', { path: join(paths.shared, 'none') }],
      ['read_text_file', { path: '/etc/passwd' }],
    ] as const;
    for (const [name, given] of calls) {
      const call = { name, arguments: given };
      expect(await through.callTool(call)).toEqual(await direct.callTool(call));
    }
  });
});
