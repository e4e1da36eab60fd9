import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';

const directory = mkdtempSync(join(tmpdir(), 'gateway-outbound-'));
const file = join(directory, 'secret');

afterAll(() => rmSync(directory, { recursive: true }));

async function headersSent(backend: Partial<BackendInput>, env: Record<string, string> = {}) {
  const server = await startHttpServer('s', { json: true });
  const gateway = await startGateway(
    { backends: [{ name: 's', url: server.url, ...backend }] },
    { host: { env, kill: () => {} } },
  );
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect({ requestInit: { headers: { authorization: 'Bearer of-the-client' } } });
  expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
  await gateway.close();
  await server.close();
  expect(JSON.stringify(gateway.logs)).not.toContain('s3cret');
  return server.seen.headers;
}

test.each<[string, Partial<BackendInput>, Record<string, string>]>([
  ['none', {}, {}],
  ['bearer_token', { auth_method: 'bearer_token', bearer_token: 's3cret' }, { authorization: 'Bearer s3cret' }],
  ['bearer_token_env', { auth_method: 'bearer_token', bearer_token_env: 'T' }, { authorization: 'Bearer s3cret' }],
  ['bearer_token_file', { auth_method: 'bearer_token', bearer_token_file: file }, { authorization: 'Bearer s3cret' }],
  ['api_key', { auth_method: 'api_key', api_key: 's3cret' }, { 'x-api-key': 's3cret' }],
  ['api_key_env', { auth_method: 'api_key', api_key_env: 'T', api_key_header: 'X-Key' }, { 'x-key': 's3cret' }],
  ['api_key_file', { auth_method: 'api_key', api_key_file: file }, { 'x-api-key': 's3cret' }],
  [
    'headers',
    { headers: { Authorization: 'Basic s3cret', 'X-Team': 'a' } },
    { authorization: 'Basic s3cret', 'x-team': 'a' },
  ],
])('%s is sent with every request, and nothing of the client', async (_, backend, expected) => {
  writeFileSync(file, 's3cret\n');
  const sent = await headersSent(backend, { T: 's3cret' });
  expect(sent.length).toBeGreaterThan(4);
  for (const headers of sent) {
    expect(headers).toMatchObject(expected);
    expect(headers.authorization).toBe(expected.authorization);
  }
  expect(JSON.stringify(sent)).not.toContain('of-the-client');
});

test('a user and password in the url become a header', async () => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url.replace('://', '://ada:s3cret@') }] });
  await gateway.waitFor('s', 'connected');
  expect(server.seen.headers[0]?.authorization).toBe(`Basic ${Buffer.from('ada:s3cret').toString('base64')}`);
  await gateway.close();
  await server.close();
});

test('a token file is read again after a 401', async () => {
  writeFileSync(file, 'old');
  let accepted = 'Bearer old';
  const server = await startHttpServer('s', {
    json: true,
    intercept: ({ headers }, response) => {
      if (headers.authorization === accepted) return false;
      response.writeHead(401).end();
      return true;
    },
  });
  const gateway = await startGateway({
    backends: [{ name: 's', url: server.url, auth_method: 'bearer_token', bearer_token_file: file }],
  });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  accepted = 'Bearer new';
  const call = { name: 's_echo', arguments: { text: 'x' } };
  expect(await client.callTool(call)).toMatchObject({ content: [{ text: 'backend "s": answered HTTP 401' }] });
  writeFileSync(file, 'new');
  expect(textOf(await client.callTool(call))).toBe('s: x');
  await gateway.close();
  await server.close();
});

test.each<[Partial<BackendInput>, string]>([
  [{ auth_method: 'bearer_token', bearer_token_env: 'NOPE' }, 'has no credential: variable NOPE holds none'],
  [
    { auth_method: 'api_key', api_key_file: '/no/such/file' },
    'has no credential: file /no/such/file cannot be read (ENOENT)',
  ],
  [
    { auth_method: 'bearer_token', bearer_token: 'two words' },
    'has no usable credential: its configuration holds more than one',
  ],
])('fails when the credential is %j: the backend is down and nothing is sent', async (backend, reason) => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({ backends: [{ name: 's', url: server.url, ...backend }] });
  await gateway.waitFor('s', 'down');
  const ready = await (await fetch(`${gateway.origin}/ready`)).json();
  expect(ready).toMatchObject({ status: 'unavailable', backends: [{ state: 'down', reason }] });
  expect(server.seen.headers).toEqual([]);
  await gateway.close();
  await server.close();
});
