/**
 * A function of OCI Functions that serves MCP: each call is one JSON-RPC message, answered by a server of its own. Nothing is
 * kept between calls, so it does not matter which container gets the next one.
 *
 * The server is made by `MCP_SERVER`, `<module>:<export>` in the configuration of the function: a function that returns a
 * server of the official TypeScript SDK, not connected yet. Without it that is the default export of `server.mjs`.
 */
import fdk from '@fnproject/fdk';

/** The most bytes a function may answer: https://docs.oracle.com/en-us/iaas/Content/Functions/Concepts/functionsoverview.htm */
const answerMaxBytes = 6_000_000;

const parseError = -32700;
const invalidRequest = -32600;
const methodNotFound = -32601;
const internalError = -32603;
const requestTimeout = -32001;

/** Milliseconds before the deadline of a call at which it is answered with an error: the platform would say less. */
const marginMs = 500;

/** Text would be cut between the bytes of a character, so the message is read as bytes. */
fdk.handle(handle, { inputMode: 'buffer' });

/** Starts after the socket is there: a container that does not listen within five seconds is stopped. */
const loading = loadServer(process.env.MCP_SERVER ?? 'server.mjs').catch((error) => {
  console.error('MCP_SERVER cannot be loaded:', error);
});

async function handle(body, context) {
  const message = parse(body);
  if (message === undefined) return failure(null, parseError, 'the body is not JSON');
  if (!isMessage(message)) return failure(null, invalidRequest, 'the body is not one JSON-RPC message');
  const makeServer = await loading;
  if (!isRequest(message)) {
    context.httpGateway.statusCode = 202;
    return fdk.rawResult('');
  }
  if (makeServer === undefined) return failure(message.id, internalError, 'the server did not start; see the log');
  const remainingMs = (context.deadline?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now() - marginMs;
  const answer = await answerOf(message, makeServer, remainingMs).catch((error) => {
    console.error('the server failed:', error);
    return failure(message.id, internalError, 'the server failed; see the log');
  });
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  if (bytes <= answerMaxBytes) return answer;
  return failure(message.id, internalError, `the answer has ${bytes} bytes, a function may send ${answerMaxBytes}`);
}

/** What a new server says to one request. Closing it cancels what still runs. */
async function answerOf(request, makeServer, remainingMs) {
  const server = await makeServer();
  const transport = new OneRequest(request);
  await server.connect(transport);
  const timer = Number.isFinite(remainingMs) ? setTimeout(() => transport.giveUp(), remainingMs) : undefined;
  try {
    return await transport.answer(server.server ?? server);
  } finally {
    clearTimeout(timer);
    await server.close();
  }
}

/** A transport for one request: what else the server sends goes nowhere, and what it asks is refused. */
class OneRequest {
  #request;
  #resolve;
  #answered = new Promise((resolve) => {
    this.#resolve = resolve;
  });

  constructor(request) {
    this.#request = request;
  }

  async start() {}

  async send(message) {
    if (isRequest(message)) {
      this.onmessage?.(failure(message.id, methodNotFound, 'a function cannot ask its client anything'));
    } else if (message.id === this.#request.id) {
      this.#resolve(message);
    }
  }

  async close() {
    this.#resolve(failure(this.#request.id, internalError, 'the server closed without an answer'));
    this.onclose?.();
  }

  giveUp() {
    this.#resolve(failure(this.#request.id, requestTimeout, 'the function has no more time for this request'));
  }

  /** @param protocol Says nothing but `onerror` to a message that it cannot read, which would leave the caller waiting. */
  answer(protocol) {
    const { onerror } = protocol;
    protocol.onerror = () => this.#resolve(failure(this.#request.id, invalidRequest, 'the message is not one of MCP'));
    this.onmessage(this.#request);
    protocol.onerror = onerror;
    return this.#answered;
  }
}

async function loadServer(name) {
  const [path, exported = 'default'] = name.split(':');
  const module = await import(new URL(path, import.meta.url).href);
  const makeServer = module[exported];
  if (typeof makeServer !== 'function') throw new Error(`${name} is not a function that makes a server`);
  return makeServer;
}

function parse(body) {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isMessage(value) {
  return value?.jsonrpc === '2.0' && (typeof value.method === 'string' || 'result' in value || 'error' in value);
}

function isRequest({ id, method }) {
  return method !== undefined && id !== undefined && id !== null;
}

function failure(id, code, message) {
  return { jsonrpc: '2.0', id, error: { code, message } };
}
