import type { BackendInput } from '../../../gateway-runtime/src/config/index.js';
import { startGateway, textOf, until } from '../../helpers/gateway-instance.js';
import { startIssuer } from '../../helpers/gateway-jwt.js';
import { type Listening, listen, startHttpServer } from '../../helpers/gateway-servers.js';
import { makeKeyPair, makeSessionToken } from '../../helpers/oci-signature.js';

const canary = 'c4nary-in-a-coal-mine';
const { privateKey } = makeKeyPair();
const sessionToken = makeSessionToken();

const open: Listening[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** Everything by which the secrets could be known. */
const traces = [
  canary,
  Buffer.from(`ada:${canary}`).toString('base64'),
  Buffer.from(`id:${canary}`).toString('base64'),
  'issued-t0ken',
  sessionToken,
  ...privateKey.split('\n').filter((line) => line.length > 40),
];

type Answer = (echo: string) => [number, Record<string, string>, string];

/** What servers may answer to requests with secrets: with all of the request in it. */
const answers: Record<string, Answer> = {
  'refuses with 401': (echo) => [
    401,
    { 'www-authenticate': `Bearer error="${echo}"` },
    JSON.stringify({ error: echo }),
  ],
  'fails with 500': (echo) => [500, {}, echo],
  'redirects elsewhere': (echo) => [307, { location: `http://127.0.0.1:9/?x=${encodeURIComponent(echo)}` }, echo],
  'answers garbage': (echo) => [200, { 'content-type': 'application/json' }, `{"x":"${echo}`],
  'answers with an error of its own': (echo) => [
    400,
    { 'content-type': 'application/json' },
    JSON.stringify({ code: echo, message: echo }),
  ],
};

const env = {
  SECRET: canary,
  OCI_RESOURCE_PRINCIPAL_VERSION: '2.2',
  OCI_RESOURCE_PRINCIPAL_RPST: sessionToken,
  OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: privateKey,
};

const methods: Record<string, (tokenUrl: string) => Partial<BackendInput>> = {
  bearer_token: () => ({ bearer_token_env: 'SECRET' }),
  api_key: () => ({ api_key_env: 'SECRET' }),
  basic: () => ({ username: 'ada', password_env: 'SECRET' }),
  oauth_client_credentials: (token_url) => ({ token_url, client_id: 'id', client_secret_env: 'SECRET' }),
  token_exchange: (token_url) => ({ token_url, client_id: 'id', client_secret_env: 'SECRET', client_auth: 'post' }),
  autonomous_database: (token_url) => ({ token_url, username: 'ada', password_env: 'SECRET' }),
  resource_principal: () => ({}),
};

/** Answers each request with what the request was, credentials included. */
async function startEcho(answer: Answer) {
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const echo = `${Object.values(request.headers).join(' ')} ${body}`.replace(/[^\x20-\x7e]|"/g, ' ');
    const [status, headers, text] = answer(echo);
    response.writeHead(status, headers).end(text);
  });
  open.push(listening);
  return listening;
}

describe.each(Object.keys(methods))('%s: the secret is nowhere to be seen', (auth_method) => {
  test.each(Object.keys(answers))('when a server %s', async (which) => {
    const answer = answers[which] as Answer;
    const [issuer, echo] = [await startIssuer(), await startEcho(answer)];
    const tokenServer = await listen((_, response) =>
      response.end(JSON.stringify({ access_token: 'issued-t0ken', expires_in: 3600 })),
    );
    let healthy = true;
    const server = await startHttpServer('s', {
      json: true,
      intercept: ({ headers }, response) => {
        if (healthy) return false;
        const [status, more, text] = answer(Object.values(headers).join(' '));
        response.writeHead(status, more).end(text);
        return true;
      },
    });
    open.push(issuer, tokenServer, server);
    const credentials = methods[auth_method] as (tokenUrl: string) => BackendInput;
    const shared = { auth_method: auth_method as BackendInput['auth_method'], health_check_interval: 0 };
    const gateway = await startGateway(
      {
        log_level: 'DEBUG',
        auth: {
          jwt_public_key: issuer.publicKey,
          jwt_issuer: 'https://issuer.example',
          jwt_audience: 'mcp',
          enabled: true,
        },
        gateway_tools: { enabled: true, required_scopes: [] },
        backends: [
          { ...shared, ...credentials(`${tokenServer.url}/token`), name: 's', url: server.url },
          { ...shared, ...credentials(`${echo.url}/token`), name: 'echo', url: echo.url },
          { ...shared, ...credentials('http://127.0.0.1:9/token'), name: 'gone', url: 'http://127.0.0.1:9/mcp' },
        ],
      },
      { host: { env, kill: () => {} } },
    );
    await gateway.waitFor('s', 'connected');
    await Promise.all([gateway.waitFor('echo', 'down'), gateway.waitFor('gone', 'down')]);
    const callerToken = await issuer.sign({ sub: 'ada' });
    const client = await gateway.connect({ requestInit: { headers: { authorization: `Bearer ${callerToken}` } } });
    const call = { name: 's_echo', arguments: { text: 'x' } };
    expect(textOf(await client.callTool(call))).toBe('s: x');
    healthy = false;
    const failed = await client.callTool(call);
    expect(failed.isError).toBe(true);
    const listed = await client.callTool({ name: 'gateway_list_backends', arguments: {} });
    const ready = await (await fetch(`${gateway.origin}/ready`)).text();
    await until(() => gateway.logs.some(({ backend }) => backend === 'gone'), 'the log');
    const told = JSON.stringify([failed, listed, ready, gateway.logs]);
    expect([...traces, callerToken].filter((trace) => told.includes(trace))).toEqual([]);
    await gateway.close();
  });
});
