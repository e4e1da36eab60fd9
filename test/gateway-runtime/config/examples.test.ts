import { formatFault } from '../../../gateway-runtime/src/errors.js';
import { loadConfig } from '../../../gateway-runtime/src/loading/config-loader.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';

/** Shapes that people have in their files already: they have to load as they are. */

let directory: TestDirectory;
beforeEach(() => {
  directory = makeDirectory();
});
afterEach(() => directory.remove());

test('a configuration of the public Python gateway', () => {
  const python = {
    name: 'oci-mcp-gateway',
    version: '1.0.0',
    host: '0.0.0.0',
    port: 9000,
    path: '/mcp',
    log_level: 'INFO',
    stateless: false,
    auth: {
      enabled: true,
      jwt_public_key_file: null,
      jwt_issuer: null,
      jwt_audience: null,
      jwt_algorithms: ['RS256'],
      static_tokens: {
        'token-a': { client_id: 'agent', scopes: ['read:tools', 'write:tools'] },
        'token-b': { client_id: 'reader', scopes: ['read:tools'] },
      },
      required_scopes: [],
      tool_scopes: { oci_compute_stop_instance: ['write:tools'] },
      cors_origins: ['*'],
    },
    backends: [
      {
        name: 'oci',
        description: 'In process',
        enabled: true,
        transport: 'in_process',
        module: 'mcp_server_oci.server',
        server_attr: 'mcp',
        auth_method: 'oci_config',
        oci_profile: 'DEFAULT',
        oci_region: 'eu-frankfurt-1',
        namespace_tools: false,
        health_check_interval: 30,
      },
      {
        name: 'oci-compute',
        description: 'Child process',
        enabled: false,
        transport: 'stdio',
        command: 'python',
        args: ['-m', 'mcp_server_oci.server'],
        env: { PYTHONPATH: 'src', ALLOW_MUTATIONS: 'false' },
        auth_method: 'oci_config',
        oci_profile: 'DEFAULT',
        oci_region: 'eu-frankfurt-1',
        namespace_tools: true,
        health_check_interval: 30,
      },
      {
        name: 'remote-mcp',
        description: 'Elsewhere',
        enabled: false,
        transport: 'streamable_http',
        url: 'https://remote-mcp.example.com/mcp',
        bearer_token: null,
        auth_method: 'bearer_token',
        namespace_tools: true,
        health_check_interval: 60,
        connect_timeout: 10.0,
        request_timeout: 60.0,
      },
      {
        name: 'oci-rp',
        enabled: false,
        transport: 'stdio',
        command: 'python',
        args: ['-m', 'mcp_server_oci.server'],
        auth_method: 'resource_principal',
        oci_region: 'eu-frankfurt-1',
      },
    ],
    enable_audit_log: true,
    enable_metrics: true,
  };
  const { config, warnings } = loadConfig({ config: directory.write('gateway.json', python) }, {});
  expect(config.backends.map(({ name, transport, enabled }) => [name, transport, enabled])).toEqual([
    ['oci', 'in_process', true],
    ['oci-compute', 'stdio', false],
    ['remote-mcp', 'streamable_http', false],
    ['oci-rp', 'stdio', false],
  ]);
  expect(warnings.map(formatFault)).toEqual([
    ...[0, 1].map(
      (index) =>
        `auth.static_tokens[${index}]: a token of fewer than 16 characters can be guessed; use a longer, random one`,
    ),
    'backend "oci": a Python module cannot be loaded into this process; mcp_server_oci.server runs as a child',
  ]);
});

test('backends as guides write them, in a file or a directory', () => {
  const backends = [
    {
      name: 'my-mcp-server',
      description: 'My custom MCP server',
      transport: 'streamable_http',
      url: 'http://my-mcp-server.mcp.svc.cluster.local:8000/mcp',
      auth_method: 'none',
      namespace_tools: true,
      tags: ['custom', 'in-cluster'],
    },
    {
      name: 'ci-mcp-server',
      transport: 'streamable_http',
      url: 'http://<PRIVATE_IP>:8000/mcp',
      auth_method: 'none',
      tags: ['oci', 'container-instance'],
    },
    {
      name: 'oracle-integration',
      description: 'Oracle Integration Cloud MCP Server',
      transport: 'streamable_http',
      url: 'https://<oic-instance>.integration.ocp.oraclecloud.com/mcp',
      auth_method: 'bearer_token',
      bearer_token: '<oic-access-token>',
      namespace_tools: true,
      tags: ['oci', 'oic', 'integration'],
    },
    {
      name: 'oracle-db',
      description: 'Oracle Autonomous Database MCP Server',
      transport: 'streamable_http',
      url: 'http://oracle-db-mcp.mcp.svc.cluster.local:8000/mcp',
      auth_method: 'resource_principal',
      namespace_tools: true,
      tags: ['oci', 'database', 'adb'],
    },
  ];
  const config = directory.write('gateway.json', { backends });
  const fromFile = loadConfig({ config, auth: false }, {});
  for (const [index, backend] of backends.entries()) directory.write(`backends.d/${index}.json`, backend);
  const fromDirectory = loadConfig({ backendsDir: `${directory.path}/backends.d`, auth: false }, {});
  expect(fromDirectory.config).toEqual(fromFile.config);
  expect(fromFile.config.backends).toMatchObject(backends);
  expect(fromFile.warnings.map(formatFault)).toEqual([
    'auth: unauthenticated calls are accepted, and 0.0.0.0 can be reached by others',
  ]);
});

test('the servers of a project and of a desktop client', () => {
  directory.write('project/.mcp.json', {
    mcpServers: { 'my-server': { command: 'python', args: ['-m', 'my_server'], env: {} } },
  });
  directory.write('desktop/mcp.json', {
    mcpServers: {
      'oci-cloud': { url: 'https://mcp.example.com/mcp', headers: { Authorization: 'Bearer <jwt-token>' } },
    },
  });
  const { backends } = loadConfig({ scan: [directory.path], auth: false }, {}).config;
  expect(backends).toMatchObject([
    { name: 'oci-cloud', transport: 'streamable_http', headers: { Authorization: 'Bearer <jwt-token>' } },
    { name: 'my-server', transport: 'stdio', command: 'python', args: ['-m', 'my_server'] },
  ]);
});
