import { TerraformOutput, type TerraformStack } from 'cdktf';
import {
  type IMcpServer,
  type McpEndpointAttributes,
  McpServer,
  type McpServerProps,
  McpTransport,
  OkeHosting,
  type SecretDirectory,
} from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, okeServer, reference, source } from '../fixtures';

/** The environment of the server's container. */
function environmentOf(build: (stack: TerraformStack) => void) {
  return synth(build).resource('kubernetes_deployment_v1').spec.template.spec.container[0].env;
}

describe('a server', () => {
  test('answers at /mcp on port 8000 under a name derived from its path', () => {
    const { json } = synth((stack) => {
      const server = okeServer(stack);
      expect(server.serverName).toBe('logs');
      expect(server.endpoint.transport).toBe(McpTransport.STREAMABLE_HTTP);
      new TerraformOutput(stack, 'url', { value: (server.endpoint as { url: string }).url });
    });
    expect(json['output'].url.value).toMatch(/:8000\/mcp$/);
  });

  test('answers at /sse when it speaks SSE, and where told to', () => {
    const { json } = synth((stack) => {
      const hosting = new OkeHosting({ cluster: cluster(stack) });
      const servers = {
        sse: new McpServer(stack, 'Old', { source, hosting, transport: McpTransport.SSE }),
        own: new McpServer(stack, 'Own', { source, hosting, transport: McpTransport.SSE, path: '/events', port: 3000 }),
      };
      for (const [name, { endpoint }] of Object.entries(servers)) {
        expect(endpoint.transport).toBe(McpTransport.SSE);
        new TerraformOutput(stack, name, { value: (endpoint as { url: string }).url });
      }
    });
    expect(json['output'].sse.value).toMatch(/:8000\/sse$/);
    expect(json['output'].own.value).toMatch(/:3000\/events$/);
  });

  test('tells its container what is asked of it, and lets the user say otherwise', () => {
    expect(environmentOf((stack) => void okeServer(stack, {}, { port: 3000, path: '/v2/mcp' }))).toEqual([
      { name: 'MCP_TRANSPORT', value: 'streamable_http' },
      { name: 'MCP_PORT', value: '3000' },
      { name: 'MCP_PATH', value: '/v2/mcp' },
    ]);
    const environment = { MCP_TRANSPORT: 'http', LOG_LEVEL: 'debug' };
    expect(environmentOf((stack) => void okeServer(stack, {}, { environment }))).toEqual([
      { name: 'MCP_TRANSPORT', value: 'http' },
      { name: 'MCP_PORT', value: '8000' },
      { name: 'MCP_PATH', value: '/mcp' },
      { name: 'LOG_LEVEL', value: 'debug' },
    ]);
  });

  test.each(['', '_logs', '-logs', 'two words', 'x'.repeat(65), 'logs/a'])(
    'fails when its name is %j',
    (serverName) => {
      expect(faultsOf((stack) => void okeServer(stack, {}, { serverName }))).toEqual([
        `[stack/Logs] serverName: got "${serverName}"; allowed: 1 to 64 letters, digits, hyphens, underscores and periods, a letter or digit first`,
      ]);
    },
  );

  test.each(['L', 'logs.v2', 'x'.repeat(64)])('may be called %j', (serverName) => {
    synth((stack) => expect(okeServer(stack, {}, { serverName }).serverName).toBe(serverName));
  });

  test.each(['', 'mcp', '/mcp?x=1', '/a b', '/mcp#top'])('fails when a path is %j', (path) => {
    expect(faultsOf((stack) => void okeServer(stack, {}, { path, healthPath: path }))).toEqual([
      `[stack/Logs] path: got "${path}"; allowed: a path that starts with "/"`,
      `[stack/Logs] healthPath: got "${path}"; allowed: a path that starts with "/"`,
    ]);
  });

  test.each(['A-B', '1A', 'A=B', ''])('fails when an environment variable is called %j', (name) => {
    const allowed = 'allowed: names of letters, digits and underscores, no digit first';
    expect(faultsOf((stack) => void okeServer(stack, {}, { environment: { [name]: 'x' } }))).toEqual([
      `[stack/Logs] environment: got "${name}"; ${allowed}`,
    ]);
  });
});

describe('folders of secret files', () => {
  const secret = { secretId: 'ocid1.vaultsecret.oc1..wallet', compartmentId };
  const folder = (files: SecretDirectory['files'], path = '/opt/wallet'): Partial<McpServerProps> => ({
    secretDirectories: [{ path, files }],
  });

  test.each<[string, Partial<McpServerProps>, string]>([
    [
      'one has a relative path',
      folder({ secretName: 'wallet' }, 'opt/wallet'),
      'secretDirectories.path: got "opt/wallet"; allowed: absolute paths without colons, such as "/opt/oracle/wallet"',
    ],
    [
      'one has no files',
      folder({ vaultSecrets: {}, fetcherImage: image }),
      'secretDirectories.vaultSecrets: got {}; allowed: at least one file',
    ],
    [
      'a file would leave its folder',
      folder({ vaultSecrets: { '../tnsnames.ora': secret }, fetcherImage: image }),
      'secretDirectories.vaultSecrets: got "../tnsnames.ora"; allowed: file names of letters, digits, periods, hyphens and underscores, no hyphen first',
    ],
    [
      'a file is the folder',
      folder({ vaultSecrets: { '..': secret }, fetcherImage: image }),
      'secretDirectories.vaultSecrets: got ".."; allowed: file names of letters, digits, periods, hyphens and underscores, no hyphen first',
    ],
    [
      'a file would be taken for an option',
      folder({ vaultSecrets: { '--stay': secret }, fetcherImage: image }),
      'secretDirectories.vaultSecrets: got "--stay"; allowed: file names of letters, digits, periods, hyphens and underscores, no hyphen first',
    ],
    [
      'the image that fetches them is none',
      folder({ vaultSecrets: { wallet: secret }, fetcherImage: 'no image' }),
      'secretDirectories.fetcherImage: got "no image"; allowed: a container image such as "fra.ocir.io/acme/logs-mcp@sha256:…"',
    ],
  ])('fail when %s', (_, props, fault) => {
    expect(faultsOf((stack) => void okeServer(stack, {}, props))).toEqual([`[stack/Logs] ${fault}`]);
  });

  test.each(['cwallet.sso', '.hidden', '...', 'a_b-c'])('may have a file %j', (name) => {
    synth((stack) => void okeServer(stack, {}, folder({ vaultSecrets: { [name]: secret }, fetcherImage: image })));
  });
});

describe('an endpoint somewhere else', () => {
  function external(attributes: (stack: TerraformStack) => McpEndpointAttributes): IMcpServer {
    let server: IMcpServer | undefined;
    synth((stack) => {
      server = McpServer.fromEndpoint(stack, 'Docs', attributes(stack));
    });
    return server as IMcpServer;
  }

  test.each<[string, Partial<McpEndpointAttributes>, number]>([
    ['https://docs.example/mcp', {}, 443],
    ['http://docs.example/mcp', {}, 80],
    ['https://docs.example:8443/mcp', {}, 8443],
    ['http://[fd00::1]:3000/mcp', {}, 3000],
    ['https://docs.example/mcp', { port: 9443 }, 9443],
  ])('%s with %j is on port %i', (url, attributes, port) => {
    expect(external(() => ({ url, ...attributes })).connections.defaultPort).toBe(port);
  });

  test('whose URL is a reference is on port 443 unless told otherwise', () => {
    expect(external((stack) => ({ url: reference(stack, 'url') })).connections.defaultPort).toBe(443);
    expect(external((stack) => ({ url: reference(stack, 'url'), port: 80 })).connections.defaultPort).toBe(80);
  });

  test('is called after its construct or as told, and makes no resource', () => {
    const { resources } = synth((stack) => {
      const url = 'https://docs.example/mcp';
      const docs = McpServer.fromEndpoint(stack, 'ProductDocs', { url, description: 'Manuals' });
      expect([docs.serverName, docs.description]).toEqual(['product-docs', 'Manuals']);
      expect(McpServer.fromEndpoint(stack, 'Other', { url, serverName: 'manuals' }).serverName).toBe('manuals');
    });
    expect(resources()).toEqual([]);
  });

  test.each(['docs.example/mcp', 'ftp://docs.example/mcp', '', 'https://'])('fails when its URL is %j', (url) => {
    expect(faultsOf((stack) => void McpServer.fromEndpoint(stack, 'Docs', { url }))).toEqual([
      `[stack/Docs] url: got "${url}"; allowed: a URL with http or https`,
    ]);
  });

  test('fails when its URL is not one, even where the port is given', () => {
    expect(faultsOf((stack) => void McpServer.fromEndpoint(stack, 'Docs', { url: 'nowhere', port: 443 }))).toHaveLength(
      1,
    );
  });

  test('fails when its URL holds credentials, without printing them', () => {
    const url = 'https://admin:s3cr3t@docs.example/mcp';
    expect(faultsOf((stack) => void McpServer.fromEndpoint(stack, 'Docs', { url }))).toEqual([
      expect.stringContaining('[stack/Docs] url: got "text that looks like a URL with a password"'),
    ]);
    expect(
      faultsOf((stack) => void McpServer.fromEndpoint(stack, 'Docs', { url: 'https://admin@docs.example' })),
    ).toEqual([
      '[stack/Docs] url: got "a user in the URL"; allowed: a URL without credentials: it lands in the state; fix: pass outboundAuth',
    ]);
  });

  test('fails when its port is out of range', () => {
    const url = 'https://docs.example/mcp';
    expect(faultsOf((stack) => void McpServer.fromEndpoint(stack, 'Docs', { url, port: 65536 }))).toEqual([
      '[stack/Docs] port: got 65536; allowed: a whole number from 1 to 65535',
    ]);
  });
});
