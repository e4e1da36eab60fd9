import { cycles, forbiddenArrows, importsOf, type Package, readSources, type Sources } from './helpers/imports';

const shared = ['core', 'iam', 'network', 'mcp'];

const siblings = ['auth', 'edge', 'hosting', 'image', 'managed', 'observability', 'secrets', 'state'];

/**
 * lib: core <- {iam, network} <- mcp <- {auth, edge, hosting, image, managed, observability, secrets, state} <- gateway
 *      <- {report, rules} <- {index, cli}
 */
const library: Package = {
  root: 'lib',
  arrows: {
    core: [],
    iam: ['core'],
    network: ['core'],
    mcp: ['core', 'iam', 'network'],
    ...Object.fromEntries(siblings.map((room) => [room, shared])),
    gateway: [...shared, 'auth'],
    report: [...shared, ...siblings, 'gateway'],
    rules: [...shared, ...siblings, 'gateway'],
    index: [...shared, ...siblings, 'gateway', 'report', 'rules'],
    cli: [...shared, ...siblings, 'gateway', 'report', 'rules'],
  },
  reserved: {
    'oci-mcp-gateway': ['mcp', 'gateway', 'report', 'cli'],
    '@modelcontextprotocol/': [],
    zod: [],
    commander: ['cli'],
  },
};

const left = ['errors', 'config', 'contracts', 'protocol'];
const middle = ['auth', 'routing', 'http', 'stdio', 'state', 'observability'];
const upstreams = ['mcp', 'openapi'];

/**
 * gateway-runtime/src: errors <- config <- contracts <- {loading, protocol, outgoing}
 *                        <- {auth, mcp, openapi, routing, http, stdio, state, observability}
 *                        <- {rest, console} <- {app, secrets, reload, doctor, workers, clients} <- main
 * Only mcp and openapi import outgoing. Of the rooms beside http, rest and console import that alone, and only app imports them.
 */
const runtime: Package = {
  root: 'gateway-runtime/src',
  arrows: {
    errors: [],
    config: ['errors'],
    contracts: ['errors', 'config'],
    loading: ['errors', 'config', 'contracts'],
    protocol: ['errors', 'config', 'contracts'],
    outgoing: ['errors', 'config', 'contracts'],
    ...Object.fromEntries(middle.map((room) => [room, left])),
    ...Object.fromEntries(upstreams.map((room) => [room, [...left, 'outgoing']])),
    rest: [...left, 'http'],
    console: [...left, 'http'],
    app: [...left, 'loading', ...middle, ...upstreams, 'rest', 'console'],
    secrets: [...left, 'auth'],
    reload: [...left, 'loading'],
    doctor: [...left, 'loading', 'auth', ...upstreams, 'state'],
    workers: left,
    clients: ['errors', 'config'],
    main: [...left, 'loading', 'http', 'observability', 'app', 'secrets', 'reload', 'doctor', 'workers', 'clients'],
  },
  reserved: {
    '@modelcontextprotocol/': ['mcp'],
    'oci-common/': ['auth'],
    '@redis/': ['state'],
    'js-yaml': ['openapi'],
    '@opentelemetry/': ['observability'],
    'prom-client': ['observability'],
    cdktf: [],
    constructs: [],
    '@cdktf/': [],
  },
};

describe.each([
  ['lib', library],
  ['gateway-runtime', runtime],
])('%s', (_name, pack) => {
  const sources = readSources(pack.root);

  test('imports follow the arrows of the diagram', () => {
    expect(sources.size).toBeGreaterThan(10);
    expect(forbiddenArrows(sources, pack)).toEqual([]);
  });

  test('no files import each other in a circle', () => {
    expect(cycles(sources)).toEqual([]);
  });
});

test('main.ts alone touches the process', () => {
  const touching = [...readSources('gateway-runtime/src')].filter(([, source]) =>
    /\bprocess\.(?!nextTick)/.test(code(source)),
  );
  expect(touching.map(([path]) => path)).toEqual(['gateway-runtime/src/main.ts']);
});

test('examples import the packages by name', () => {
  const examples = [...readSources('examples')];
  const reachingIn = examples.filter(([, source]) =>
    importsOf(source).some((specifier) => /\.\.\/(lib|gateway-runtime)/.test(specifier)),
  );
  expect(reachingIn.map(([path]) => path)).toEqual([]);
});

test('bindings are imported by folder', () => {
  const sources = [...readSources('lib'), ...readSources('examples')];
  const barrels = sources.filter(([, source]) =>
    importsOf(source).some((specifier) => /^@cdktf\/provider-[a-z]+(\/lib)?$/.test(specifier)),
  );
  expect(barrels.map(([path]) => path)).toEqual([]);
});

describe('the check itself', () => {
  const sources = (files: { [path: string]: string }): Sources => new Map(Object.entries(files));

  test('fails on an arrow against the diagram', () => {
    const broken = sources({
      'lib/core/a.ts': "import type { B } from '../gateway/b';",
      'lib/iam/c.ts': "export { d } from '../network/d';",
      'lib/hosting/e.ts': "const f = await import('../../gateway-runtime/src/app');",
      'lib/core/g.ts': "import {\n  z,\n} from 'zod';",
    });
    expect(forbiddenArrows(broken, library)).toEqual([
      'lib/core/a.ts: core may not import gateway (../gateway/b)',
      'lib/iam/c.ts: iam may not import network (../network/d)',
      'lib/hosting/e.ts: imports ../../gateway-runtime/src/app, outside lib',
      'lib/core/g.ts: core may not import zod',
    ]);
  });

  test('fails on a room that the diagram does not have', () => {
    expect(forbiddenArrows(sources({ 'lib/util/x.ts': '' }), library)).toEqual([
      'lib/util/x.ts: room "util" is not in the diagram',
    ]);
  });

  test('fails on a circle', () => {
    const circle = sources({
      'lib/core/a.ts': "import { b } from './b';",
      'lib/core/b.ts': "import { a } from './a';",
    });
    expect(cycles(circle)).toEqual(['lib/core/a.ts -> lib/core/b.ts -> lib/core/a.ts']);
  });
});

/** A source without its comments. */
function code(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
