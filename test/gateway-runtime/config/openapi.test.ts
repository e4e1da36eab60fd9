import { parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';

const service = {
  name: 's',
  transport: 'openapi',
  url: 'https://api.example/v1',
  document_url: 'https://api.example/d',
};

/** What is wrong with a backend. */
function faultsOf(backend: object): string {
  try {
    parseGatewayConfig({ backends: [backend as never] });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('a service is described by a URL or a file', () => {
  const [backend] = parseGatewayConfig({ backends: [service as never] }).backends;
  expect(backend).toMatchObject({ transport: 'openapi', document_refresh_interval: 300, auth_method: 'none' });
  const { document_url, ...rest } = service;
  expect(faultsOf({ ...rest, document_file: 'orders.yaml', operations: { methods: ['GET'], tags: ['orders'] } })).toBe(
    '',
  );
  expect(faultsOf({ ...rest, document: { openapi: '3.1.0', paths: {} } })).toBe('');
  expect(faultsOf({ ...rest, document: 'openapi: 3.1.0' })).toBe('');
  expect(faultsOf({ ...service, auth_method: 'basic', username: 'u', password_env: 'P' })).toBe('');
});

test.each([
  [{ document_url: undefined }, 'backends[0].document_url: transport "openapi" needs a document'],
  [{ document_file: 'orders.yaml' }, 'backends[0].document_file: document_url is set too; keep one of them'],
  [{ document: {} }, 'backends[0].document: document_url is set too'],
  [{ document: 5 }, 'backends[0].document: expected an object, or a text in JSON or YAML'],
  [{ document_url: 'file:///etc/passwd' }, 'backends[0].document_url: expected an http or https URL'],
  [{ url: undefined }, 'backends[0].url: is required with transport "openapi"'],
  [{ url: 'file:///etc' }, 'backends[0].url: expected an http or https URL'],
  [{ json_only: true }, 'backends[0].json_only: is only used with transport "streamable_http"'],
  [{ protocol_version: '2025-11-25' }, 'backends[0].protocol_version: is a version of MCP'],
  [{ sessions: 'per_client' }, 'backends[0].sessions: there are no sessions'],
  [{ memory_limit_mb: 5 }, 'backends[0].memory_limit_mb: bounds child processes'],
  [{ operations: { methods: ['get'] } }, 'backends[0].operations.methods[0]: expected one of "GET", "POST"'],
  [{ operations: { methods: [] } }, 'backends[0].operations.methods: expected a list of GET'],
  [{ operations: { method: ['GET'] } }, 'did you mean "methods"?'],
  [{ document_refresh_interval: -1 }, 'expected a number of seconds, 0 for never'],
  [
    { transport: 'streamable_http' },
    'backends[0].document_url: is only used with transport "openapi"; remove the field',
  ],
])('%j is a fault', (change, fault) => {
  expect(faultsOf({ ...service, ...change })).toContain(fault);
});
