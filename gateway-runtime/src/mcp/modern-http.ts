import { isObject, type JsonRpcMessage } from '../contracts/json-rpc.js';
import { rpcCodes } from '../errors.js';
import { encodeHeader } from '../protocol/header-value.js';
import { cancelled } from '../protocol/incoming.js';
import { mcpNameOf } from '../protocol/mcp-name.js';
import { headersFor } from '../protocol/param-headers.js';
import { awaitedId, documentOf, type HttpExchange, refusal } from './http-exchange.js';
import type { Send } from './transport.js';

/** Errors with which a server of this era refuses one request and goes on with others. */
const ordinary: readonly unknown[] = [
  rpcCodes.methodNotFound,
  rpcCodes.invalidParams,
  rpcCodes.headerMismatch,
  rpcCodes.missingClientCapability,
];

/**
 * Streamable HTTP of the modern era: every request is a POST of its own, headers say what the body says, and there are no
 * sessions. https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export class ModernHttp {
  readonly #exchange: HttpExchange;
  readonly #version: string;

  constructor(exchange: HttpExchange, version: string) {
    this.#exchange = exchange;
    this.#version = version;
  }

  readonly send: Send = async (message, signal, options) => {
    // The end of its request tells the backend already.
    if (message.method === cancelled) return;
    const answer = await this.#exchange.post(message, this.#headers(message, options), signal, options?.caller);
    if (answer.status < 300) return this.#exchange.readAny(answer, message);
    const document = documentOf(answer);
    const error = isObject(document) && isObject(document.error) ? document.error : undefined;
    if (!ordinary.includes(error?.code)) this.#exchange.doubt(answer.status);
    const id = awaitedId(message);
    // A request that could not be understood is refused without an id.
    if (error && id !== undefined) this.#exchange.events.onMessage({ jsonrpc: '2.0', id, error }, id);
    if (!error || !this.#exchange.isAnswered(message)) throw refusal(answer.status, document);
  };

  async close(): Promise<void> {}

  #headers({ method = '', params }: JsonRpcMessage, options: Parameters<Send>[2]): Record<string, string> {
    const name = mcpNameOf(method, params);
    return {
      'mcp-protocol-version': this.#version,
      'mcp-method': encodeHeader(method),
      ...(name !== undefined && { 'mcp-name': encodeHeader(name) }),
      ...options?.trace,
      ...(method === 'tools/call' && headersFor(options?.inputSchema, params?.arguments)),
    };
  }
}
