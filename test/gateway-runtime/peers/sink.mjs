// What the servers of the TypeScript SDKs have in common: every feature of MCP, as sink.json describes it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

export const sink = JSON.parse(readFileSync(new URL('./sink.json', import.meta.url), 'utf8'));

export const capabilities = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/** What all sessions of this process share. */
const state = { extra: false, cancelled: new Set(), connected: new Set(), subscribers: new Map() };

/**
 * Lets a connection hear of changes until the returned function is called.
 * @param connection sends notifications: `changed()` of lists, `touched(uri)` of a resource
 */
export function connected(connection) {
  state.connected.add(connection);
  return () => {
    state.connected.delete(connection);
    for (const subscribers of state.subscribers.values()) subscribers.delete(connection);
  };
}

/** Lets a connection hear of changes of a resource. */
export function subscribe(uri, connection) {
  if (!state.subscribers.has(uri)) state.subscribers.set(uri, new Set());
  state.subscribers.get(uri).add(connection);
}

/** Some of the connections may be gone. */
const tell = (connections, say) => Promise.allSettled([...connections].map(say));

/** Members of `_meta` that come from the caller and not from the protocol. */
const foreignMeta = (meta = {}) =>
  Object.fromEntries(
    Object.entries(meta).filter(([key]) => key !== 'progressToken' && !key.startsWith('io.modelcontextprotocol/')),
  );

const withExtra = (items, extra) => (state.extra ? [...items, extra] : items);
const said = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });

/** `wait` takes this long in milliseconds unless it is cancelled. */
const patienceMs = 5000;

function wait(signal, ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

const tools = {
  echo: ({ arguments: given }) => said(given ?? null),
  async progress({ arguments: given }, context) {
    for (const step of sink.progress) {
      await context.progress(step);
      // Clients of TypeScript lose progress that comes together with the answer.
      await wait(context.signal, given?.ms ?? 0);
    }
    return sink.results.done;
  },
  async log(_, context) {
    for (const message of sink.logs) await context.log(message);
    return sink.results.done;
  },
  async wait({ arguments: { key } }, { signal }) {
    await wait(signal, patienceMs);
    if (signal.aborted) state.cancelled.add(key);
    return sink.results.done;
  },
  cancelled: ({ arguments: { key } }) => said(state.cancelled.has(key)),
  ask: ({ arguments: { what } }, context) => context.ask(sink.asks[what], said),
  async mark({ arguments: { mark } }, context) {
    await context.progress({ progress: 1, message: mark });
    await context.log({ level: 'info', data: mark });
    const { method, params } = sink.asks.form;
    return context.ask({ method, params: { ...params, message: mark } }, said);
  },
  async change({ arguments: { extra } }) {
    state.extra = extra;
    await tell(state.connected, ({ changed }) => changed());
    return sink.results.done;
  },
  async touch({ arguments: { uri } }) {
    await tell(state.subscribers.get(uri) ?? [], ({ touched }) => touched(uri));
    return sink.results.done;
  },
  meta: (_, { meta }) => ({ ...said(foreignMeta(meta)), _meta: { 'com.example/answer': [1, null] } }),
};

/**
 * Answers by method.
 * @param refuse makes the SDK's error of a code, a message and data
 */
export function handlers(refuse) {
  return {
    'tools/list': () => ({ tools: withExtra(sink.tools, sink.extra.tool) }),
    'tools/call': (params, context) => {
      if (params.name === 'refuse') throw refuse(sink.refusal);
      return sink.results[params.name] ?? tools[params.name](params, context);
    },
    'prompts/list': () => ({ prompts: withExtra(sink.prompts, sink.extra.prompt) }),
    'prompts/get': (params, context) => {
      const message = (value) => ({
        description: `A ${params.name}`,
        messages: [
          { role: 'user', content: { type: 'text', text: JSON.stringify(value) } },
          { role: 'assistant', content: sink.results.media.content[0] },
        ],
      });
      return params.name === 'interview' ? context.ask(sink.asks.form, message) : message(params.arguments);
    },
    'resources/list': () => ({ resources: withExtra(sink.resources, sink.extra.resource) }),
    'resources/templates/list': () => ({ resourceTemplates: sink.templates }),
    'resources/read': ({ uri }, context) => {
      const text = (value) => ({ contents: [{ uri, mimeType: 'text/plain', text: JSON.stringify(value) }] });
      if (uri === 'secret://s') return context.ask(sink.asks.form, text);
      return sink.contents[uri] ? { contents: [sink.contents[uri]] } : text(uri);
    },
    'resources/subscribe': ({ uri }, { connection }) => {
      subscribe(uri, connection);
      return {};
    },
    'resources/unsubscribe': ({ uri }, { connection }) => {
      state.subscribers.get(uri)?.delete(connection);
      return {};
    },
    'completion/complete': ({ ref, argument, context }) => {
      const values = sink.completions.filter((value) => value.startsWith(argument.value));
      const about = [ref.name ?? ref.uri, argument.name, ...Object.values(context?.arguments ?? {})].join(' ');
      return { completion: { values: [...values, about], total: values.length + 1, hasMore: false } };
    },
  };
}

/** Serves HTTP on a free port and says which on standard output. */
export function serveHttp(listener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
}
