import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { runCli } from '../../helpers/gateway-cli.js';
import { makeDirectory } from '../../helpers/gateway-directory.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';

const records = ({ logs }: TestGateway) =>
  logs.flatMap(({ audit }) => (audit ? [audit as Record<string, unknown>] : []));

test('prompts and resources are taken down like tools, and counted as none of them', async () => {
  const server = await startHttpServer('s');
  const gateway = await startGateway({
    backends: [{ name: 's', url: server.url }],
    auth: {
      enabled: true,
      static_tokens: { a: { client_id: 'app', scopes: ['read'] } },
      tool_scopes: { '*': [] },
      prompt_scopes: { '*': ['admin'] },
      resource_scopes: { '*': ['read'] },
    },
  });
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect({ requestInit: { headers: { authorization: 'Bearer a' } } });
  await expect(client.getPrompt({ name: 's_greet', arguments: { name: 'you' } })).rejects.toThrow('needs admin');
  await client.readResource({ uri: 'note://s' });
  await client.callTool({ name: 's_echo', arguments: { text: 'x' } });
  const taken = records(gateway);
  expect(taken).toMatchObject([
    { method: 'prompts/get', prompt: 's_greet', backend: 's', outcome: 'denied', reason: expect.any(String) },
    { method: 'resources/read', resource: 'note://s', backend: 's', outcome: 'ok', rule: expect.any(String) },
    { method: 'tools/call', tool: 's_echo', backend: 's', outcome: 'ok' },
  ]);
  for (const { request_id } of taken) expect(request_id).toEqual(expect.any(String));
  const page = await (await fetch(`${gateway.origin}/metrics`, { headers: { authorization: 'Bearer a' } })).text();
  expect(page.match(/^mcp_gateway_calls_total\{.*\} [1-9]\d*$/gm)).toEqual([
    'mcp_gateway_calls_total{backend="s",outcome="ok"} 1',
  ]);
  await gateway.close();
  await server.close();
});

test('whatever a client sends, a record is one line', async () => {
  const directory = makeDirectory();
  const path = join(directory.path, 'audit.jsonl');
  const lines: string[] = [];
  const server = await startHttpServer('s');
  const gateway = await startGateway(
    { backends: [{ name: 's', url: server.url }], audit: { arguments: 'redacted', file: { path } } },
    { logs: { write: (line) => void lines.push(line) } },
  );
  await gateway.waitFor('s', 'connected');
  const client = await gateway.connect();
  const forged = '\n{"outcome":"ok"}\r\u2028{"a":1}\u2029\u001b[2J\u009b2J\u0085\u0000';
  await client.callTool({ name: 's_echo', arguments: { text: forged, [forged]: 1 } });
  await until(() => lines.some((line) => line.includes('"audit"')), 'the record');
  for (const text of [readFileSync(path, 'utf8'), lines.find((line) => line.includes('"audit"')) as string]) {
    expect(text.match(/\n/g)).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    const parsed = JSON.parse(text);
    expect((parsed.audit ?? parsed).arguments).toEqual({ text: forged, [forged]: 1 });
  }
  await gateway.close();
  await server.close();
  directory.remove();
});

test('who is not let in is taken down, and a thousand of them in two records', async () => {
  const gateway = await startGateway({
    auth: {
      enabled: true,
      required_scopes: ['mcp'],
      static_tokens: { a: { client_id: 'app', scopes: [] }, b: { client_id: 'auditor', scopes: ['mcp'] } },
    },
    gateway_tools: { enabled: true, required_scopes: ['mcp'] },
  });
  const ping = (authorization?: string) =>
    fetch(gateway.url, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        ...(authorization && { authorization }),
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    });
  const statuses = [await ping(), await ping('Bearer canary'), await ping('Bearer a')].map(({ status }) => status);
  expect(statuses).toEqual([401, 401, 403]);
  for (let n = 0; n < 1000; n += 50) await Promise.all(Array.from({ length: 50 }, () => ping('Bearer canary')));
  const refused = (client: string, rule: string, reason: string) =>
    expect.objectContaining({
      ...{ method: 'authenticate', client, rule, reason, outcome: 'denied' },
      ...{ address: expect.stringContaining('127.0.0.1'), request_id: expect.any(String), ms: expect.any(Number) },
    });
  const taken = [
    refused('unknown', 'missing_token', 'a token is needed: Authorization: Bearer <token>'),
    refused('unknown', 'invalid_token', 'the token is not known'),
    refused('app', 'insufficient_scope', 'the token lacks mcp'),
  ];
  expect(records(gateway)).toEqual(taken);
  const client = await gateway.connect({ requestInit: { headers: { authorization: 'Bearer b' } } });
  const denied = await client.callTool({ name: 'gateway_audit_log', arguments: { outcome: 'denied' } });
  expect(denied.structuredContent).toEqual({ calls: taken.reverse() });
  await gateway.close();
  expect(records(gateway).at(-1)).toMatchObject({ rule: 'invalid_token', others: 999 });
  expect(JSON.stringify(gateway.logs)).not.toContain('canary');
});

test('a gateway that may not write its records does not start, over HTTP and over stdio', async () => {
  const directory = makeDirectory();
  const nowhere = join(directory.path, 'none');
  const faults: [path: string, fault: string][] = [
    [join(nowhere, 'audit.jsonl'), `directory ${nowhere} does not exist; make it, or choose another`],
    [directory.path, `${directory.path} is not a file; records go to the log by "stdout": true`],
    ['/dev/stdout', '/dev/stdout is not a file; records go to the log by "stdout": true'],
  ];
  for (const [path, fault] of faults) {
    const config = directory.write('gateway.json', { auth: { enabled: false }, audit: { file: { path } } });
    for (const front of [[], ['--stdio']]) {
      const { code, stderr } = await runCli(['--config', config, ...front]);
      expect([code, stderr]).toEqual([78, `audit.file.path: ${fault}\n`]);
    }
  }
  directory.remove();
});

test.each([
  [{ enable_audit_log: false, audit: {} }, 'audit: nothing is audited; remove it, or set enable_audit_log to true'],
  [
    { audit: { stdout: false } },
    'audit.stdout: nothing takes the records then; set file or oci_logging too, or enable_audit_log to false for none',
  ],
  [{ audit: { file: { path: 'a', keep: 0 } } }, 'audit.file.keep: expected a whole number from 1 to 1000, got 0'],
])('%j is a fault', (config, fault) => {
  expect(() => parseGatewayConfig({ auth: { enabled: false }, ...config })).toThrow(fault);
});
