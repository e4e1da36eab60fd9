import { type AskingServer, connectAnswering, startAskingServer } from '../../helpers/gateway-asking.js';
import { startGateway, type TestGateway, textOf, until } from '../../helpers/gateway-instance.js';

describe('questions of a legacy backend to legacy clients', () => {
  let server: AskingServer;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await startAskingServer();
    gateway = await startGateway({
      backends: [
        { name: 'a', url: server.url, namespace_tools: false },
        { name: 'shared', url: server.url, sessions: 'shared' },
        { name: 'each', url: server.url, sessions: 'per_client' },
      ],
    });
    for (const name of ['a', 'shared', 'each']) await gateway.waitFor(name, 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await server?.close();
  });

  const answer = async (client: { callTool(call: { name: string }): Promise<unknown> }, name: string) =>
    JSON.parse(textOf(await client.callTool({ name })));

  test('each client is asked about its own calls only', async () => {
    const clients = await Promise.all(['ada', 'bob', 'eve'].map((name) => connectAnswering(gateway.url, name)));
    const answers = await Promise.all(
      clients.flatMap((client) => ['ask', 'ask_aside', 'ask_twice'].map((tool) => answer(client, tool))),
    );
    const by = (name: string) => ({ action: 'accept', content: { name } });
    expect(answers).toEqual(['ada', 'bob', 'eve'].flatMap((name) => [by(name), by(name), [by(name), by(name)]]));
    for (const client of clients) {
      expect([...client.asked].sort()).toEqual(['aside?', 'first?', 'second?', 'who?']);
      await client.close();
    }
  });

  test('sampling and roots reach the client, too', async () => {
    const client = await connectAnswering(gateway.url, 'ada');
    expect(await answer(client, 'sample')).toMatchObject({ content: { text: 'ada was sampled' } });
    expect(await answer(client, 'roots')).toEqual({ roots: [{ uri: 'file:///ada' }] });
    await client.close();
  });

  test('a backend is told what its client can do, and nothing of a client that can do nothing', async () => {
    const client = await connectAnswering(gateway.url, 'ada');
    expect(await answer(client, 'capabilities')).toMatchObject({ elicitation: {}, sampling: {}, roots: {} });
    await client.close();
    const plain = await gateway.connect();
    expect(await answer(plain, 'capabilities')).toEqual({});
    expect(await plain.callTool({ name: 'ask' })).toMatchObject({ isError: true });
  });

  test('the session of a client at the backend ends with its own', async () => {
    const before = server.sessions.size;
    const client = await connectAnswering(gateway.url, 'ada');
    await client.callTool({ name: 'capabilities' });
    expect(server.sessions.size).toBe(before + 1);
    await (client.transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
    await until(() => server.sessions.size === before, 'the backend to be left');
    await client.close();
  });

  test('clients that say that their roots changed are heard by their own session', async () => {
    const client = await connectAnswering(gateway.url, 'ada');
    const before = new Set(server.sessions.keys());
    await client.callTool({ name: 'capabilities' });
    const [own] = [...server.sessions].filter(([id]) => !before.has(id)).map(([, session]) => session);
    let heard = 0;
    for (const [id, session] of server.sessions) {
      session.server.fallbackNotificationHandler = async ({ method }) => {
        if (method === 'notifications/roots/list_changed') heard += before.has(id) ? 100 : 1;
      };
    }
    expect(own).toBeDefined();
    await client.sendRootsListChanged();
    await until(() => heard > 0, 'the notification');
    expect(heard).toBe(1);
    await client.close();
  });

  test('a client is asked in the modes that it declared', async () => {
    const forms = await connectAnswering(gateway.url, 'ada', undefined, { elicitation: {} });
    expect(await forms.callTool({ name: 'visit' })).toMatchObject({ isError: true });
    expect(await answer(forms, 'ask')).toMatchObject({ action: 'accept' });
    await forms.close();
    const pages = await connectAnswering(gateway.url, 'bob', undefined, { elicitation: { url: {} } });
    expect(await pages.callTool({ name: 'ask' })).toMatchObject({ isError: true });
    expect(pages.asked).toEqual([]);
    await pages.close();
  });

  test('a URL to visit reaches the client as it is, and so does the news that it was visited', async () => {
    const client = await connectAnswering(gateway.url, 'ada', undefined, { elicitation: { form: {}, url: {} } });
    const heard: unknown[] = [];
    client.fallbackNotificationHandler = async ({ method, params }) => void heard.push({ method, params });
    expect(await answer(client, 'visit')).toMatchObject({ action: 'accept' });
    expect(client.asked).toEqual(['log in: https://login.example/']);
    const done = { method: 'notifications/elicitation/complete', params: { elicitationId: 'e1' } };
    await until(() => heard.length > 0, 'the notification');
    expect(heard).toEqual([done]);
    await client.close();
  });

  test('the error that asks to visit a URL first passes with what is to be visited', async () => {
    const client = await connectAnswering(gateway.url, 'ada', undefined, { elicitation: { url: {} } });
    await expect(client.callTool({ name: 'visit_first' })).rejects.toMatchObject({
      code: -32042,
      data: { elicitations: [{ mode: 'url', url: 'https://login.example/', elicitationId: 'e1' }] },
    });
    expect(await answer(client, 'visit_first')).toBe('welcome');
    await client.close();
  });

  test('tools in a sampling are for clients that declared them', async () => {
    const without = await connectAnswering(gateway.url, 'ada', undefined, { sampling: {} });
    expect(await without.callTool({ name: 'sample_with_tools' })).toMatchObject({ isError: true });
    await without.close();
    const able = await connectAnswering(gateway.url, 'bob', undefined, { sampling: { tools: {} } });
    expect(await answer(able, 'sample_with_tools')).toMatchObject({ content: { text: 'bob was sampled' } });
    await able.close();
  });

  test('"sessions": "shared" asks only where the question comes with a call, "per_client" gives everybody a session', async () => {
    const client = await connectAnswering(gateway.url, 'ada');
    const other = await connectAnswering(gateway.url, 'bob');
    const both = [answer(client, 'shared_ask'), answer(other, 'shared_ask')];
    expect((await Promise.all(both)).map(({ content }) => content.name)).toEqual(['ada', 'bob']);
    expect(await client.callTool({ name: 'shared_capabilities' })).toMatchObject({ content: [{ text: '{}' }] });
    await other.close();
    const plain = await gateway.connect();
    const before = server.sessions.size;
    await plain.callTool({ name: 'each_capabilities' });
    expect(server.sessions.size).toBe(before + 1);
    await client.close();
  });
});
