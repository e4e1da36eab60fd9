import type { IncomingMessage } from 'node:http';
import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import { baseUrlOf } from '../../../gateway-runtime/src/rest/base-url.js';

const from = (host: string | undefined) => ({ headers: { host } }) as IncomingMessage;
const config = (resource_url?: string) => parseGatewayConfig({ auth: { resource_url } });

test.each([
  ['https://mcp.example/mcp', '', 'https://mcp.example/api/v1/views/logs'],
  ['https://mcp.example/team/mcp', '/team', 'https://mcp.example/team/api/v1/views/logs'],
  ['https://mcp.example/team/tools', undefined, 'https://mcp.example/team/api/v1/views/logs'],
  ['https://mcp.example', undefined, 'https://mcp.example/api/v1/views/logs'],
])('with resource_url %s it stands beside the endpoint', (resourceUrl, prefix, url) => {
  expect(baseUrlOf(from('evil.example'), config(resourceUrl), prefix, 'logs')).toBe(url);
});

test.each([
  ['mcp.example', 'http://mcp.example/api/v1'],
  ['127.0.0.1:9000', 'http://127.0.0.1:9000/api/v1'],
  ['[::1]:9000', 'http://[::1]:9000/api/v1'],
  ['evil.example/"><script>', '/api/v1'],
  ['user@evil.example', '/api/v1'],
  [undefined, '/api/v1'],
])('without it, host %s', (host, url) => {
  expect(baseUrlOf(from(host), config(), undefined)).toBe(url);
});

test('with TLS it is https', () => {
  const tls = { cert_file: 'a', key_file: 'b' };
  expect(baseUrlOf(from('mcp.example'), { ...config(), tls: tls as never }, undefined)).toBe(
    'https://mcp.example/api/v1',
  );
});
