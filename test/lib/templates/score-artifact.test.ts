import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { startGateway, type TestGateway, textOf } from '../../helpers/gateway-instance';
import { repository } from '../../helpers/imports';
import {
  type DeploymentEndpoint,
  type ServingProcess,
  startDeploymentEndpoint,
  startModelServer,
} from '../../helpers/model-deployment';
import { makeKeyPair, makeSessionToken, verifySignature } from '../../helpers/oci-signature';
import { describePython, type PythonEnvironment, pythonOf } from '../../helpers/python';
import { entriesOf, makeFolder, synthArtifact } from '../../helpers/score-artifact';

const { publicKey, privateKey } = makeKeyPair();
const token = makeSessionToken();
const principal = {
  OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
  OCI_RESOURCE_PRINCIPAL_RPST: token,
  OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
  OCI_RESOURCE_PRINCIPAL_REGION: 'eu-frankfurt-1',
};

const sourceOf = (name: string) => readFileSync(join(repository, 'test/lib/templates/servers', name), 'utf8');

/** A server from its folder to a client of the gateway. */
class Deployment {
  public static async start(environment: PythonEnvironment, module: string, variable: string): Promise<Deployment> {
    const folder = makeFolder({ [`${module}.py`]: sourceOf(`${module}.py`) });
    const unpacked = makeFolder(entriesOf(synthArtifact(folder.path, `${module}:${variable}`).archive));
    const server = await startModelServer(pythonOf(environment), unpacked.path);
    const endpoint = await startDeploymentEndpoint(server.url, {
      check: ({ method = '', url: target = '', headers }, body) => {
        try {
          verifySignature({ method, target, headers, body }, (keyId) =>
            keyId === `ST$${token}` ? publicKey : undefined,
          );
          return undefined;
        } catch (error) {
          return String(error);
        }
      },
    });
    const backend = { name: 'f', url: `${endpoint.deploymentUrl}/predict`, json_only: true, namespace_tools: false };
    const gateway = await startGateway(
      { backends: [{ ...backend, auth_method: 'resource_principal' }] },
      { host: { env: principal, kill: () => {} } },
    );
    await gateway.waitFor('f', 'connected');
    const remove = () => [folder, unpacked].map((each) => each.remove());
    return new Deployment(server, endpoint, gateway, await gateway.connect(), remove);
  }

  private constructor(
    public readonly server: ServingProcess,
    public readonly endpoint: DeploymentEndpoint,
    public readonly gateway: TestGateway,
    public readonly client: Client,
    private readonly remove: () => void,
  ) {}

  /** Calls a tool through the gateway. */
  public async call(name: string, args: Record<string, unknown> = {}): Promise<{ text: string; isError: boolean }> {
    const result = await this.client.callTool({ name, arguments: args });
    return { text: textOf(result), isError: result['isError'] === true };
  }

  /** Sends something to the model server itself, past the gateway and the router. */
  public async predict(body: string, type = 'application/json') {
    const headers = { 'content-type': type };
    const response = await fetch(`${this.server.url}/predict`, { method: 'POST', headers, body });
    return { status: response.status, answer: JSON.parse(await response.text()) };
  }

  public async stop(): Promise<void> {
    await this.gateway.close();
    await this.endpoint.close();
    await this.server.stop();
    this.remove();
  }
}

const message = (method: string, params: object = {}, id: unknown = 1) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

describePython.each<PythonEnvironment>(['mcp-1', 'mcp-2'])('a score artifact with %s', (environment) => {
  describe('of a high-level server', () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await Deployment.start(environment, 'server', 'mcp');
    });
    afterAll(() => deployment?.stop());

    test('lists and calls tools through the gateway, each request signed', async () => {
      const { tools } = await deployment.client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'fail', 'progress']));
      expect(tools[0]).toMatchObject({ inputSchema: { required: ['text'] }, outputSchema: { required: ['result'] } });
      expect(await deployment.call('echo', { text: 'größe ☂ 𝄞' })).toEqual({ text: 'größe ☂ 𝄞', isError: false });
      expect(new Set(deployment.endpoint.seen)).toEqual(new Set(['POST /predict']));
    });

    test('serves resources and prompts through the gateway', async () => {
      const { resources } = await deployment.client.listResources();
      const [{ uri } = { uri: '' }] = resources;
      const { contents } = await deployment.client.readResource({ uri });
      expect(contents[0]).toMatchObject({ text: 'a note' });
      const prompt = await deployment.client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
      expect(prompt.messages[0]?.content).toMatchObject({ text: 'Greet Ada' });
    });

    test('tells a failed tool from a failed call', async () => {
      expect(await deployment.call('fail')).toMatchObject({ isError: true, text: expect.stringContaining('fail') });
      const prompt = deployment.client.getPrompt({ name: 'greet', arguments: {} });
      await expect(prompt).rejects.toThrow(/MCP error -?\d+/);
    });

    test('loses progress, and nothing else, of a tool that reports it', async () => {
      expect(await deployment.call('progress')).toEqual({ text: 'done', isError: false });
    });

    test('answers fifty calls at once, each with its own', async () => {
      const texts = Array.from({ length: 50 }, (_, i) => `call ${i}`);
      const answers = await Promise.all(texts.map((text) => deployment.call('echo', { text })));
      expect(answers.map(({ text }) => text)).toEqual(texts);
    });

    test('lets calls that wait overlap', async () => {
      const started = Date.now();
      await Promise.all(Array.from({ length: 20 }, () => deployment.call('wait', { ms: 300 })));
      expect(Date.now() - started).toBeLessThan(3000);
    });

    test('answers with an error what would be larger than 10 MB', async () => {
      await expect(deployment.call('grow', { bytes: 5_000_000 })).rejects.toThrow(
        /The answer takes 10\d{6} bytes of at most 10000000/,
      );
      expect((await deployment.call('grow', { bytes: 1_000_000 })).text).toHaveLength(1_000_000);
    });

    test('negotiates the version, and needs no initialization', async () => {
      const ask = async (protocolVersion: string) => {
        const clientInfo = { name: 'test', version: '1' };
        const { answer } = await deployment.predict(
          message('initialize', { protocolVersion, capabilities: {}, clientInfo }),
        );
        return answer.result.protocolVersion;
      };
      expect(await ask('2025-06-18')).toBe('2025-06-18');
      expect(await ask('1999-01-01')).toBe('2025-11-25');
      expect((await deployment.predict(message('ping', {}, 'p'))).answer).toEqual({
        jsonrpc: '2.0',
        id: 'p',
        result: {},
      });
    });

    test('answers a notification with an empty object', async () => {
      const body = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
      expect(await deployment.predict(body)).toEqual({ status: 200, answer: {} });
    });

    test.each<[string, string, number, unknown]>([
      ['no JSON', '{', -32700, null],
      ['a batch', '[]', -32600, null],
      ['a number', '5', -32600, null],
      ['null', 'null', -32600, null],
      ['an object of another kind', '{"data":[1,2]}', -32600, null],
      ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, null],
      ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, null],
      ['no method', '{"jsonrpc":"2.0","id":7}', -32600, 7],
      ['another JSON-RPC', '{"jsonrpc":"1.0","id":7,"method":"ping"}', -32600, 7],
      ['a method that is not there', '{"jsonrpc":"2.0","id":"x","method":"nope"}', -32601, 'x'],
      ['a method without its parameters', '{"jsonrpc":"2.0","id":7,"method":"tools/call"}', -32602, 7],
      ['parameters that are a text', '{"jsonrpc":"2.0","id":7,"method":"tools/list","params":"x"}', -32602, 7],
    ])('answers %s in JSON-RPC form', async (_, body, code, id) => {
      // Without a content type of JSON, predict() gets the bytes.
      const { status, answer } = await deployment.predict(body, 'text/plain');
      expect(status).toBe(200);
      expect(answer).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
    });
  });

  describe('of a low-level server', () => {
    let deployment: Deployment;
    beforeAll(async () => {
      deployment = await Deployment.start(environment, 'low_level', 'mcp');
    });
    afterAll(() => deployment?.stop());

    test('lists and calls tools through the gateway', async () => {
      const { tools } = await deployment.client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['echo']);
      expect(await deployment.call('echo', { text: 'hello' })).toEqual({ text: 'hello', isError: false });
    });

    test('enters its lifespan once, however many calls there are', async () => {
      for (const _ of [1, 2]) {
        const { answer } = await deployment.predict(message('tools/call', { name: 'started', arguments: {} }));
        expect(answer.result.content[0].text).toBe('1');
      }
    });

    test('serves calls under the latest version of sessions that the SDK has', async () => {
      const { answer } = await deployment.predict(message('tools/call', { name: 'version', arguments: {} }));
      expect(answer.result.content[0].text).toBe(environment === 'mcp-1' ? 'unknown' : '2025-11-25');
    });

    test('answers methods which it has no handler for', async () => {
      expect((await deployment.predict(message('prompts/list'))).answer.error.code).toBe(-32601);
    });
  });

  test('of a function that makes the server', async () => {
    const deployment = await Deployment.start(environment, 'server', 'make_other');
    const { answer } = await deployment.predict(
      message('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      }),
    );
    expect(answer.result.serverInfo.name).toBe('other');
    await deployment.stop();
  });

  test('of something that is no server does not start, and says why', async () => {
    const folder = makeFolder({ 'server.py': sourceOf('server.py') });
    const unpacked = makeFolder(entriesOf(synthArtifact(folder.path, 'server:no_server').archive));
    await expect(startModelServer(pythonOf(environment), unpacked.path)).rejects.toThrow(
      "'str' object has no attribute",
    );
    for (const each of [folder, unpacked]) each.remove();
  });
});
