import type { Heard, PeerSession } from '../../helpers/peer-client.js';

/** Something that a client and a server can do together; what it returns is all that the client saw of it. */
export type Feature = (session: PeerSession) => Promise<unknown>;

const call = (session: PeerSession, name: string, given: object = {}, meta?: object, progress = false) =>
  session.request('tools/call', { name, arguments: given, ...(meta && { _meta: meta }) }, { progress });

const get =
  (method: string, params?: Record<string, unknown>): Feature =>
  (session) =>
    session.request(method, params);

const tool =
  (name: string, given?: object, meta?: object): Feature =>
  (session) =>
    call(session, name, given, meta);

/** What was heard while something was done, with its outcome. */
async function withHeard(session: PeerSession, done: Promise<unknown>): Promise<unknown> {
  const outcome = await done;
  return { outcome, heard: session.heard.splice(0) };
}

/** @throws when it does not become true */
async function eventually(isTrue: () => Promise<boolean>, what: string): Promise<string> {
  for (let attempt = 0; attempt < 60; attempt++) {
    if (await isTrue()) return what;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Does something, again if need be, until all that it leads to was heard: a listener may be late to be let in. */
async function until(session: PeerSession, act: () => Promise<unknown>, methods: readonly string[]): Promise<Heard[]> {
  const isHeard = async () => methods.every((wanted) => session.heard.some(({ method }) => method === wanted));
  for (let attempt = 0; attempt < 5 && !(await isHeard()); attempt++) {
    await act();
    await eventually(isHeard, methods.join()).catch(() => {});
  }
  const heard = session.heard.splice(0);
  return methods.flatMap((wanted) => heard.filter(({ method }) => method === wanted).slice(0, 1));
}

const greet = { type: 'ref/prompt', name: 'greet' };
const item = { type: 'ref/resource', uri: 'item://{kind}/{id}' };
const logLevel = 'io.modelcontextprotocol/logLevel';
let lastKey = 0;

/** Everything that MCP offers between a client and a server, by name. */
export const features = {
  'list of tools': get('tools/list'),
  'list of prompts': get('prompts/list'),
  'list of resources': get('resources/list'),
  'list of templates': get('resources/templates/list'),
  arguments: tool('echo', {
    text: 'ü\u2028\u0000🦊',
    where: { city: 'Ulm', within: { city: '' } },
    numbers: [0, -1.5e-7, 1e21, 9007199254740991],
    empty: [{}, [], null, false, ''],
  }),
  'structured content': tool('structured'),
  'images, audio, resources and links in a result': tool('media'),
  'error of a tool': tool('fail'),
  'error of the protocol': tool('refuse'),
  '_meta of requests and results': tool('meta', {}, { 'com.example/mine': { a: [1] }, plain: 'yes' }),
  'trace context': tool('meta', {}, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }),
  prompt: get('prompts/get', { name: 'greet', arguments: { name: 'Ada', tone: 'kind' } }),
  'text resource': get('resources/read', { uri: 'note://a' }),
  'binary resource': get('resources/read', { uri: 'blob://b' }),
  'resource of a template': get('resources/read', { uri: 'item://box/7' }),
  'completion of a prompt': get('completion/complete', { ref: greet, argument: { name: 'name', value: 'o' } }),
  'completion of a template': get('completion/complete', {
    ref: item,
    argument: { name: 'id', value: 't' },
    context: { arguments: { kind: 'box' } },
  }),
  progress: (session) => withHeard(session, call(session, 'progress', { ms: 20 }, undefined, true)),
  'log messages': async (session) => {
    if (session.era === 'legacy') await session.request('logging/setLevel', { level: 'debug' });
    return withHeard(session, call(session, 'log', {}, session.era === 'modern' ? { [logLevel]: 'debug' } : undefined));
  },
  'elicitation by form': (session) => withHeard(session, call(session, 'ask', { what: 'form' })),
  'elicitation by URL': (session) => withHeard(session, call(session, 'ask', { what: 'url' })),
  sampling: (session) => withHeard(session, call(session, 'ask', { what: 'sample' })),
  roots: (session) => withHeard(session, call(session, 'ask', { what: 'roots' })),
  'question of a prompt': (session) => withHeard(session, session.request('prompts/get', { name: 'interview' })),
  'question of a resource': (session) => withHeard(session, session.request('resources/read', { uri: 'secret://s' })),
  cancellation: async (session) => {
    const key = `${session.era}-${process.pid}-${lastKey++}`;
    await session.request('tools/call', { name: 'wait', arguments: { key } }, { cancelAfterMs: 100 });
    const isKnown = async () => JSON.stringify(await call(session, 'cancelled', { key })).includes('"true"');
    return eventually(isKnown, 'the server to know');
  },
  'resource that changes': async (session) => {
    await session.listen('note://a');
    return until(session, () => call(session, 'touch', { uri: 'note://a' }), ['notifications/resources/updated']);
  },
  'lists that change': async (session) => {
    const kinds = ['tools', 'prompts', 'resources'];
    const methods = kinds.map((kind) => `notifications/${kind}/list_changed`);
    const isListed = async () => {
      const lists = await Promise.all(kinds.map((kind) => session.request(`${kind}/list`)));
      return lists.filter((list) => JSON.stringify(list).includes('"name":"extra"')).length;
    };
    const heard = await until(session, () => call(session, 'change', { extra: true }), methods);
    await eventually(async () => (await isListed()) === 3, 'what is new to be in all lists');
    await call(session, 'change', { extra: false });
    await eventually(async () => (await isListed()) === 0, 'what is gone to be in no list');
    return heard;
  },
} satisfies Record<string, Feature>;

/** The name of a feature. */
export type FeatureName = keyof typeof features;
