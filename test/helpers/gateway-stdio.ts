import type { JsonObject, JsonRpcMessage } from '../../gateway-runtime/src/contracts/json-rpc.js';
import { type CliResult, spawnCli } from './gateway-cli.js';
import { until } from './gateway-instance.js';

/** The program with its streams as the only way in. */
export interface StdioGateway {
  readonly process: ReturnType<typeof spawnCli>['process'];
  /** Every message it wrote, oldest first; a batch is one. */
  readonly messages: (JsonRpcMessage | JsonRpcMessage[])[];
  /** What it logged. */
  readonly logs: JsonObject[];
  /** Writes a line: a text or bytes as they are, anything else as JSON. */
  send(message: unknown): void;
  /** Waits for the answer to the request with this id. */
  answerTo(id: string | number): Promise<JsonRpcMessage>;
  /** Waits for a notification or a request. */
  said(method: string): Promise<JsonRpcMessage>;
  request(id: string | number, method: string, params?: JsonObject): Promise<JsonRpcMessage>;
  /** Shakes hands. */
  initialize(params?: JsonObject): Promise<JsonRpcMessage>;
  /** Closes its input and waits until it has ended. */
  end(): Promise<CliResult>;
}

/** Starts the program with `--stdio`. */
export function startStdio(args: string[] = [], env: Record<string, string> = {}): StdioGateway {
  const { process, ended } = spawnCli(['--stdio', ...args], env);
  // A program that has ended takes nothing more.
  process.stdin?.on('error', () => {});
  const messages = collect(process.stdout);
  const logs = collect(process.stderr) as unknown as JsonObject[];
  const single = () => messages.filter((message) => !Array.isArray(message)) as JsonRpcMessage[];
  const find = async (what: string, condition: (message: JsonRpcMessage) => boolean) => {
    await until(() => single().some(condition), what);
    return single().find(condition) as JsonRpcMessage;
  };
  const send = (message: unknown) => {
    const line = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message);
    process.stdin?.write(line);
    process.stdin?.write('\n');
  };
  const answerTo = (id: string | number) =>
    find(`the answer to ${id}`, (message) => message.id === id && message.method === undefined);
  const request: StdioGateway['request'] = (id, method, params = {}) => {
    send({ jsonrpc: '2.0', id, method, params });
    return answerTo(id);
  };
  return {
    process,
    messages,
    logs,
    send,
    answerTo,
    said: (method) => find(method, (message) => message.method === method),
    request,
    initialize: async (params = {}) => {
      const clientInfo = { name: 'test', version: '1.0.0' };
      const answer = await request('hello', 'initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo,
        ...params,
      });
      send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      return answer;
    },
    end: () => {
      process.stdin?.end();
      return ended;
    },
  };
}

/** Parses every line: whatever is not JSON fails the test. */
function collect(stream: NodeJS.ReadableStream | null): JsonRpcMessage[] {
  const lines: JsonRpcMessage[] = [];
  let rest = '';
  stream?.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() as string;
    lines.push(...parts.map((part) => JSON.parse(part)));
  });
  return lines;
}

/** Params of a request of the modern era. */
export function modern(params: JsonObject = {}, capabilities: JsonObject = {}, members: JsonObject = {}): JsonObject {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    ...members,
  };
  return { ...params, _meta };
}
