import { join } from 'node:path';
import { startGateway, type TestGateway } from '../helpers/gateway-instance';
import { listen } from '../helpers/gateway-servers';
import { repository } from '../helpers/imports';
import {
  type DeploymentEndpoint,
  type ServingProcess,
  startDeploymentEndpoint,
  startModelServer,
  startServing,
} from '../helpers/model-deployment';
import { describePython, pythonOf } from '../helpers/python';
import { entriesOf, makeFolder, synthArtifact } from '../helpers/score-artifact';

const folder = join(repository, 'examples', 'data-science', 'servers', 'forecast');
const python = pythonOf('mcp-2');

/** The server as a model deployment loads it. */
async function startScored(): Promise<ServingProcess> {
  const unpacked = makeFolder(entriesOf(synthArtifact(folder).archive));
  const server = await startModelServer(python, unpacked.path);
  unpacked.remove();
  return server;
}

/** The server as a container starts it. */
async function startContainer(): Promise<ServingProcess> {
  const free = await listen(() => {});
  await free.close();
  const env = { MCP_HOST: '127.0.0.1', MCP_PORT: String(free.port), PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
  return startServing(python, ['-m', 'server'], /running on http:\/\/127\.0\.0\.1:(\d+)/, env);
}

describePython.each([
  { form: 'a score artifact', start: startScored, path: '/predict', endpoints: [] },
  { form: 'a container', start: startContainer, path: '/predict/mcp', endpoints: ['/mcp'] },
])('the forecast server as $form', ({ start, path, endpoints }) => {
  let server: ServingProcess;
  let endpoint: DeploymentEndpoint;
  let gateway: TestGateway;

  beforeAll(async () => {
    server = await start();
    endpoint = await startDeploymentEndpoint(server.url, { endpoints });
    const url = endpoint.deploymentUrl + path;
    gateway = await startGateway({ backends: [{ name: 'forecast', url, json_only: true, auth_method: 'none' }] });
    await gateway.waitFor('forecast', 'connected');
  });

  afterAll(async () => {
    await gateway?.close();
    await endpoint?.close();
    await server?.stop();
  });

  test('forecasts through the gateway', async () => {
    const client = await gateway.connect();
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['forecast_forecast']);
    const week = [10, 12, 11, 13, 12, 5, 4];
    const values = Array.from({ length: 210 }, (_, day) => (week[day % 7] ?? 0) + day);
    const { structuredContent } = await client.callTool({
      name: 'forecast_forecast',
      arguments: { values, steps: 7, season: 7 },
    });
    const next = (structuredContent as { values: number[] }).values;
    for (const [i, value] of next.entries()) expect(value).toBeCloseTo((week[i] ?? 0) + 210 + i, 0);
  });

  test('says what is wrong with its arguments', async () => {
    const client = await gateway.connect();
    const call = (args: Record<string, unknown>) => client.callTool({ name: 'forecast_forecast', arguments: args });
    expect(await call({ values: [1, 2, 3, 4], steps: 0 })).toMatchObject({ isError: true });
    expect(await call({ values: [1, 2, 3, 4], steps: 1, season: 3 })).toMatchObject({ isError: true });
  });

  test('answers thirty calls at once', async () => {
    const client = await gateway.connect();
    const call = (steps: number) =>
      client.callTool({ name: 'forecast_forecast', arguments: { values: [1, 2, 3, 4], steps } });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => call(i + 1)));
    const lengths = answers.map(({ structuredContent }) => (structuredContent as { values: number[] }).values.length);
    expect(lengths).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });

  test('is reached by POST at its own path only', async () => {
    expect(new Set(endpoint.seen)).toEqual(new Set([`POST ${path}`]));
    expect((await fetch(endpoint.deploymentUrl + path)).status).toBe(405);
    expect((await fetch(`${endpoint.deploymentUrl}/predict/other`, { method: 'POST' })).status).toBe(404);
  });
});

describePython('the forecast server as a container', () => {
  test('tells the service that it is healthy', async () => {
    const server = await startContainer();
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    await server.stop();
  });
});
