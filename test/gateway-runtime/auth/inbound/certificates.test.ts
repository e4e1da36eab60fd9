import type { Server } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { buildGateway, type Gateway } from '../../../../gateway-runtime/src/app.js';
import {
  formatFault,
  type GatewayConfigInput,
  parseGatewayConfig,
} from '../../../../gateway-runtime/src/config/index.js';
import type { TlsConfig } from '../../../../gateway-runtime/src/config/tls.js';
import { alternativeNames } from '../../../../gateway-runtime/src/http/client-certificate.js';
import { createTlsServer } from '../../../../gateway-runtime/src/http/server.js';
import { makeCertificate, type TestCertificate } from '../../../helpers/certificates.js';
import { makeDirectory } from '../../../helpers/gateway-directory.js';
import { textOf } from '../../../helpers/gateway-instance.js';
import { startIntrospection } from '../../../helpers/gateway-introspection.js';
import { startIssuer } from '../../../helpers/gateway-jwt.js';
import { portOf, type SecureClient, secureClient } from '../../../helpers/gateway-secure.js';
import { closeAtEnd, startHttpServer } from '../../../helpers/gateway-servers.js';
import { bearer, configFaults, initialize } from '../../../helpers/gateway-tokens.js';

const directory = makeDirectory();
afterAll(() => directory.remove());

const authority = makeCertificate({ name: 'authority' });
const stranger = makeCertificate({ name: 'authority' });
const served = makeCertificate({ name: 'gateway', alternatives: ['DNS:localhost', 'IP:127.0.0.1'] }, authority);
const agent = makeCertificate({ name: 'agent', alternatives: ['URI:spiffe://acme/agent'] }, authority);
const byName = makeCertificate({ name: 'console' }, authority);
const unknown = makeCertificate({ name: 'unknown', alternatives: ['DNS:agent.example'] }, authority);
const expired = makeCertificate({ name: 'console', notAfter: new Date(Date.now() - 86_400_000) }, authority);
const forged = makeCertificate({ name: 'console' }, stranger);
const several = makeCertificate({ name: 'x', alternatives: ['DNS:b.example, URI:spiffe://acme/agent'] }, authority);

const files = {
  cert_file: directory.write('tls.crt', served.cert),
  key_file: directory.write('tls.key', served.key),
  client_ca_file: directory.write('ca.crt', authority.cert),
};
const client_certificates = {
  'spiffe://acme/agent': { client_id: 'agent', scopes: ['see'] },
  console: { client_id: 'console', scopes: [] },
};

interface SecureGateway {
  readonly url: string;
  readonly logs: Record<string, unknown>[];
  readonly gateway: Gateway;
  readonly server: Server;
  close(): Promise<void>;
}

async function start(configuration: GatewayConfigInput): Promise<SecureGateway> {
  const logs: Record<string, unknown>[] = [];
  const config = parseGatewayConfig({ host: '127.0.0.1', ...configuration });
  const logger = { write: (line: string) => void logs.push(JSON.parse(line)) };
  const gateway = buildGateway(config, { host: { env: {}, kill: () => {} }, logs: logger });
  const server = createTlsServer(config.tls as TlsConfig, gateway.logger, gateway.listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway.start();
  const close = closeAtEnd(async () => {
    await gateway.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `https://127.0.0.1:${portOf(server)}/mcp`, logs, gateway, server, close };
}

const clients: SecureClient[] = [];
const as = (own?: TestCertificate, more?: object) => {
  const client = secureClient(authority, own, more);
  clients.push(client);
  return client;
};
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

const refusedHandshake = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_SSL_|ERR_TLS)/;

test('a certificate says who calls, by an alternative name or the common name', async () => {
  const backend = await startHttpServer('s');
  const gateway = await start({
    tls: files,
    auth: { client_certificates, tool_scopes: { s_echo: ['see'] } },
    backends: [{ name: 's', url: backend.url }],
  });
  const client = await as(agent).connect(gateway.url);
  expect(textOf(await client.callTool({ name: 's_echo', arguments: { text: 'x' } }))).toBe('s: x');
  expect(gateway.logs.map(({ audit }) => audit).filter(Boolean)).toMatchObject([{ client: 'agent', outcome: 'ok' }]);
  expect((await (await as(byName).connect(gateway.url)).listTools()).tools).toEqual([]);
  await gateway.close();
  await backend.close();
});

test.each<[string, string | number, TestCertificate | undefined]>([
  ['the name of a client', 200, agent],
  ['a name that nobody has', 401, unknown],
  ['a name that only looks like two', 401, several],
  ['none', 'refused', undefined],
  ['one that has expired', 'refused', expired],
  ['one of another authority', 'refused', forged],
])('with required certificates, %s is %s', async (_, expected, certificate) => {
  const gateway = await start({ tls: files, auth: { client_certificates } });
  const status = await as(certificate).status(gateway.url);
  expect(typeof status === 'string' && refusedHandshake.test(status) ? 'refused' : status).toBe(expected);
  await gateway.close();
});

test.each<[string, number, TestCertificate | undefined]>([
  ['the name of a client', 200, agent],
  ['none', 401, undefined],
  ['one that has expired', 401, expired],
  ['one of another authority', 401, forged],
])('with optional certificates, %s is %s', async (_, expected, certificate) => {
  const gateway = await start({ tls: { ...files, client_certificates: 'optional' }, auth: { client_certificates } });
  expect(await as(certificate).status(gateway.url)).toBe(expected);
  await gateway.close();
});

test.each<[string, number, TestCertificate | undefined]>([
  ['the name of a client', 200, agent],
  ['none', 401, undefined],
  ['one of another authority', 401, forged],
])('a connection that resumes another has its certificate: %s is %s', async (_, expected, certificate) => {
  const gateway = await start({ tls: { ...files, client_certificates: 'optional' }, auth: { client_certificates } });
  const body = JSON.stringify(initialize);
  const head = ['POST /mcp HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close', `Content-Length: ${body.length}`];
  const types = ['Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  const send = (session?: Buffer) =>
    new Promise<{ status: number; session?: Buffer; isResumed: boolean }>((resolve, reject) => {
      const { cert, key } = certificate ?? {};
      const socket = connect({
        port: portOf(gateway.server),
        host: '127.0.0.1',
        ca: authority.cert,
        cert,
        key,
        session,
      });
      let text = '';
      let next: Buffer | undefined;
      socket.on('session', (given: Buffer) => {
        next = given;
      });
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', reject);
      socket.on('end', () => {
        const isResumed = socket.isSessionReused();
        socket.end();
        resolve({ status: Number(text.split(' ')[1]), session: next, isResumed });
      });
      socket.write(`${[...head, ...types].join('\r\n')}\r\n\r\n${body}`);
    });
  const first = await send();
  expect([first.status, first.isResumed]).toEqual([expected, false]);
  const second = await send(first.session);
  expect([second.status, second.isResumed]).toEqual([expected, true]);
  await gateway.close();
});

test('a token says who calls, whatever certificate comes with it', async () => {
  const gateway = await start({
    tls: { ...files, client_certificates: 'optional' },
    auth: { client_certificates, static_tokens: { 'the-token-of-a-client': { client_id: 'ci' } } },
  });
  expect(await as(agent).status(gateway.url, bearer('the-token-of-a-client'))).toBe(200);
  expect(await as(agent).status(gateway.url, bearer('another-token'))).toBe(401);
  expect(await as(agent).status(gateway.url, { authorization: 'Basic eDp5' })).toBe(401);
  await gateway.close();
});

test('a token that is bound to a certificate is good with that one only', async () => {
  const issuer = await startIssuer();
  const server = await startIntrospection();
  const gateway = await start({
    tls: { ...files, client_certificates: 'optional' },
    auth: {
      issuers: [{ issuer: issuer.name, public_key: issuer.publicKey, audience: 'mcp' }],
      introspection: { url: server.url, client_id: 'gateway', client_secret: 's3cret', audience: 'mcp' },
    },
  });
  const cnf = { 'x5t#S256': agent.thumbprint };
  server.tokens.set('opaque', { active: true, aud: 'mcp', sub: 'ada', cnf });
  for (const token of [await issuer.sign({ cnf }), 'opaque']) {
    expect(await as(agent).status(gateway.url, bearer(token))).toBe(200);
    for (const other of [unknown, undefined, forged]) {
      expect(await as(other).status(gateway.url, bearer(token))).toBe(401);
    }
  }
  expect(await as(unknown).status(gateway.url, bearer(await issuer.sign()))).toBe(200);
  await gateway.close();
  await issuer.close();
  await server.close();
});

test('a session of a certificate is of no use to another', async () => {
  const gateway = await start({ tls: files, auth: { client_certificates } });
  const body = (id: number, method: string, params = {}) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const opened = await as(agent).fetch(gateway.url, {
    method: 'POST',
    headers,
    body: body(1, 'initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    }),
  });
  const session = { ...headers, 'mcp-session-id': opened.headers.get('mcp-session-id') as string };
  const ping = { method: 'POST', headers: session, body: body(2, 'ping') };
  expect((await as(byName).fetch(gateway.url, ping)).status).toBe(404);
  expect((await as(agent).fetch(gateway.url, ping)).status).toBe(200);
  await gateway.close();
});

test('TLS older than 1.2 and plain HTTP are not spoken', async () => {
  const { client_ca_file, ...plain } = files;
  const gateway = await start({
    tls: plain,
    auth: { static_tokens: { 'the-token-of-a-client': { client_id: 'ci' } } },
  });
  expect(await as().status(gateway.url, bearer('the-token-of-a-client'))).toBe(200);
  const old = as(undefined, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' });
  expect(await old.status(gateway.url)).toMatch(refusedHandshake);
  await expect(fetch(gateway.url.replace('https', 'http'), { method: 'POST' })).rejects.toThrow();
  await gateway.close();
});

test('certificates that are replaced hold for new connections, and broken files change nothing', async () => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'Date', 'performance'],
  });
  const { client_ca_file, ...plain } = files;
  const gateway = await start({
    tls: plain,
    auth: { static_tokens: { 'the-token-of-a-client': { client_id: 'ci' } } },
  });
  const shown = () =>
    new Promise<string>((resolve, reject) => {
      const sent = request(gateway.url, { agent: false, ca: authority.cert }, (answer) => {
        resolve(
          (answer.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }).getPeerCertificate()
            .subject.CN,
        );
        answer.resume();
      });
      sent.on('error', reject).end();
    });
  try {
    expect(await shown()).toBe('gateway');
    const next = makeCertificate({ name: 'next', alternatives: ['IP:127.0.0.1'] }, authority);
    directory.write('tls.crt', next.cert);
    jest.advanceTimersByTime(30_000);
    expect(await shown()).toBe('gateway');
    expect(gateway.logs.filter(({ msg }) => /^the files of tls cannot be used/.test(String(msg)))).toHaveLength(1);
    directory.write('tls.key', next.key);
    jest.advanceTimersByTime(10_000);
    expect(await shown()).toBe('next');
    expect(JSON.stringify(gateway.logs)).not.toContain('PRIVATE KEY');
  } finally {
    jest.useRealTimers();
    directory.write('tls.crt', served.cert);
    directory.write('tls.key', served.key);
  }
  await gateway.close();
});

test('fails when the configuration asks for certificates that nobody verifies', () => {
  const { client_ca_file, ...plain } = files;
  const texts = (auth: GatewayConfigInput['auth'], tls: GatewayConfigInput['tls']) =>
    configFaults(auth, { tls }).map(formatFault);
  expect(texts({ client_certificates }, plain)).toEqual([
    'auth.client_certificates: no certificate of a client is verified; set tls.client_ca_file as well',
  ]);
  expect(texts({}, { ...plain, client_certificates: 'required' })).toEqual([
    'tls.client_certificates: nothing says whose certificates are accepted; set client_ca_file as well',
  ]);
  expect(texts({}, { cert_file: 'a' } as never)).toEqual([
    'tls.key_file: expected a string that is not empty, but it is missing',
  ]);
});

test('names in quotes are no names', () => {
  expect(alternativeNames('DNS:a.example, URI:spiffe://acme/agent, IP Address:127.0.0.1')).toEqual([
    ['DNS', 'a.example'],
    ['URI', 'spiffe://acme/agent'],
    ['IP Address', '127.0.0.1'],
  ]);
  expect(alternativeNames('DNS:"a, URI:spiffe://acme/agent", DNS:b')).toEqual([['DNS', 'b']]);
  expect(alternativeNames('URI:"a\\", URI:b", DNS:c')).toEqual([['DNS', 'c']]);
  expect(alternativeNames('')).toEqual([]);
});
