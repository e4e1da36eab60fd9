import type { Backend } from '../config/backend.js';
import type { Era } from '../config/versions.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription, Upstream, UpstreamEvents, UpstreamFactory } from '../contracts/upstream.js';
import { RpcError, rpcCodes, UpstreamError } from '../errors.js';

/** Pages of a list that are read. */
const mostPages = 20;

/** Nobody is there to be asked or told anything. */
const events: UpstreamEvents = {
  onNotification: () => {},
  onRequest: () => Promise.reject(new RpcError(rpcCodes.methodNotFound, 'this client answers nothing')),
  onReinitialized: () => {},
  onDisconnected: () => {},
};

/** A server that answered the handshake. */
export interface Connected {
  readonly upstream: Upstream;
  readonly description: ServerDescription;
}

/** Connects as the gateway does. @throws {UpstreamError} */
export async function connectTo<B extends Backend>(
  create: UpstreamFactory<B>,
  backend: B,
  era?: Era,
): Promise<Connected> {
  const upstream = create(backend, { era, capabilities: {} }, events);
  try {
    return { upstream, description: await upstream.connect() };
  } catch (error) {
    await upstream.close();
    throw error;
  }
}

/** Names of the tools that a server lists. @throws {UpstreamError} */
export async function toolsOf({ upstream, description }: Connected): Promise<string[]> {
  if (!isObject(description.capabilities.tools)) return [];
  const names: string[] = [];
  let cursor: unknown;
  for (let page = 0; page < mostPages; page++) {
    const result: JsonObject = Object(await request(upstream, 'tools/list', cursor === undefined ? {} : { cursor }));
    const tools = Array.isArray(result.tools) ? result.tools : [];
    names.push(...tools.map((tool) => String(Object(tool).name)));
    cursor = result.nextCursor;
    if (cursor === undefined) break;
  }
  return names;
}

/** Asks a server. @throws {UpstreamError}, also for an error that it answers, whose text may hold anything */
export async function request(upstream: Upstream, method: string, params: JsonObject): Promise<unknown> {
  try {
    return await upstream.request(method, params);
  } catch (error) {
    if (error instanceof RpcError) throw new UpstreamError(`answers ${method} with the error ${error.code}`);
    throw error;
  }
}
