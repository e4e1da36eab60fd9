import { randomUUID } from 'node:crypto';
import { InMemoryTaskStore } from '@modelcontextprotocol/sdk/experimental/tasks/stores/in-memory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  TaskStatusNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { connectAnswering } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { startIssuer } from '../../helpers/gateway-jwt.js';
import { type Listening, listen } from '../../helpers/gateway-servers.js';

/** The ids that backends gave their tasks. */
const ids: string[] = [];

/** What servers remember of their tasks. */
const stores: InMemoryTaskStore[] = [];

/** A server of 2025-11-25 with a tool that answers later. */
async function startTaskServer(): Promise<Listening> {
  const store = new InMemoryTaskStore();
  stores.push(store);
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const listening = await listen(async (request, response) => {
    const known = transports.get(String(request.headers['mcp-session-id']));
    if (known) return known.handleRequest(request, response);
    const tasks = { requests: { tools: { call: {} } }, cancel: {}, list: {} };
    const server = new McpServer({ name: 'tasks', version: '1.0.0' }, { capabilities: { tasks }, taskStore: store });
    server.experimental.tasks.registerToolTask(
      'later',
      { execution: { taskSupport: 'optional' } },
      {
        createTask: async ({ taskStore }) => {
          const task = await taskStore.createTask({ ttl: 60_000, pollInterval: 20 });
          ids.push(task.taskId);
          const result = { content: [{ type: 'text' as const, text: 'done' }] };
          setTimeout(() => void taskStore.storeTaskResult(task.taskId, 'completed', result).catch(() => {}), 50);
          return { task };
        },
        getTask: async ({ taskId, taskStore }) => taskStore.getTask(taskId),
        getTaskResult: async ({ taskId, taskStore }) =>
          (await taskStore.getTaskResult(taskId)) as { content: { type: 'text'; text: string }[] },
      },
    );
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await server.connect(transport as never);
    await transport.handleRequest(request, response);
  });
  return { ...listening, url: `${listening.url}/mcp` };
}

describe('tasks', () => {
  let servers: Listening[];
  let gateway: TestGateway;

  beforeAll(async () => {
    servers = [await startTaskServer(), await startTaskServer()];
    gateway = await startGateway({
      auth: { static_tokens: { 'token-of-ada': { client_id: 'ada' }, 'token-of-eve': { client_id: 'eve' } } },
      backends: servers.map(({ url }, i) => ({ name: `b${i}`, url })),
    });
    for (const name of ['b0', 'b1']) await gateway.waitFor(name, 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    for (const server of servers ?? []) await server.close();
    for (const store of stores) store.cleanup();
  });

  test('a task is out of reach for a token that lacks what its backend needs', async () => {
    const issuer = await startIssuer();
    const guarded = await startGateway({
      auth: { jwt_public_key: issuer.publicKey, jwt_audience: 'mcp' },
      backends: [{ name: 'b', url: servers[0]?.url, required_scopes: ['tasks'] }],
    });
    await guarded.waitFor('b', 'connected');
    const bearer = async (scope: string) => ({ authorization: `Bearer ${await issuer.sign({ scope })}` });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const begun = await guarded.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, await bearer('tasks'));
    const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') as string };
    const ask = async (method: string, params: object, scope: string) =>
      guarded.post({ jsonrpc: '2.0', id: 1, method, params }, { ...session, ...(await bearer(scope)) });
    const call = await ask('tools/call', { name: 'b_later', task: { ttl: 60_000 } }, 'tasks');
    const { result } = (await call.json()) as { result: { task: { taskId: string } } };
    const { taskId } = result.task;
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
      const refused = await ask(method, { taskId }, 'other');
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toContain('scope="tasks"');
    }
    expect((await ask('tasks/get', { taskId }, 'tasks')).status).toBe(200);
    await guarded.close();
    await issuer.close();
  });

  const connect = (name: string) =>
    connectAnswering(gateway.url, name, { requestInit: { headers: { authorization: `Bearer token-of-${name}` } } });

  test('go their way, each at its own backend', async () => {
    const client = await connect('ada');
    expect(client.getServerCapabilities()?.tasks).toEqual({ cancel: {}, requests: { tools: { call: {} } } });
    for (const name of ['b0_later', 'b1_later']) {
      const seen: string[] = [];
      const call = { name, task: { ttl: 60_000 } };
      const messages = client.experimental.tasks.callToolStream(call, CallToolResultSchema, { task: { ttl: 60_000 } });
      for await (const message of messages) {
        seen.push(message.type);
        if (message.type === 'result') expect(textOf(message.result)).toBe('done');
        if (message.type === 'error') throw message.error;
      }
      expect(seen[0]).toBe('taskCreated');
      expect(seen.at(-1)).toBe('result');
    }
    await client.close();
  });

  test('tell their client how they are', async () => {
    const client = await connect('ada');
    const told: string[] = [];
    client.setNotificationHandler(TaskStatusNotificationSchema, ({ params }) => {
      told.push(`${params.taskId} ${params.status}`);
    });
    const params = { name: 'b0_later', arguments: {}, task: { ttl: 60_000 } };
    const begun = await client.request({ method: 'tools/call', params }, CreateTaskResultSchema);
    await until(() => told.length > 0, 'the news');
    expect(told).toEqual([`${begun.task.taskId} completed`]);
    await client.close();
  });

  test('have ids that keep their value and are of use to their caller only', async () => {
    const [ada, eve] = [await connect('ada'), await connect('eve')];
    const begun = async () => {
      const params = { name: 'b0_later', arguments: {}, task: { ttl: 60_000 } };
      const result = await ada.request({ method: 'tools/call', params }, CallToolResultSchema.loose() as never);
      return (result as unknown as { task: { taskId: string } }).task.taskId;
    };
    const id = await begun();
    expect(ids).not.toContain(id);
    expect((await ada.experimental.tasks.getTask(id)).taskId).toBe(id);
    await expect(eve.experimental.tasks.getTask(id)).rejects.toThrow('there is no such task');
    await expect(ada.experimental.tasks.getTask(ids.at(-1) as string)).rejects.toThrow('there is no such task');
    expect((await ada.experimental.tasks.cancelTask(await begun())).status).toBe('cancelled');
    const result = await ada.experimental.tasks.getTaskResult(id, CallToolResultSchema);
    expect(result._meta).toEqual({ 'io.modelcontextprotocol/related-task': { taskId: id } });
    await Promise.all([ada.close(), eve.close()]);
  });
});
