import { TerraformVariable } from 'cdktf';
import {
  ContainerInstanceHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  OkeHosting,
  OutboundAuth,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { checkInteger, checkNumber, checkPattern, checkPort, reportFault } from '../../../lib/core/validation';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network, okeServer, source } from '../fixtures';

test('fails when several constructs have several bad props, with all of them in one message', () => {
  const faults = faultsOf((stack) => {
    new PrivateNetwork(stack, 'Net', { compartmentId, cidrBlock: '10.0.0.0/8' });
    new McpServer(stack, 'Logs', {
      source: McpServerSource.image('not an image'),
      port: 70000,
      path: 'mcp',
      hosting: new OkeHosting({ cluster: cluster(stack), namespace: 'Team_A', replicas: 0 }),
    });
    new McpServer(stack, 'Cost', {
      source,
      environment: { '2ND': 'x' },
      hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId, shape: 'VM.Standard3.Flex' }),
    });
    new McpGateway(stack, 'Gateway', {
      image,
      port: 80,
      hosting: new OkeHosting({ cluster: cluster(stack) }),
      inboundAuth: InboundAuth.jwt({
        issuer: 'https://i.example',
        audiences: [],
        jwksUri: 'https://i.example/jwks',
      }),
    });
  });
  expect(faults).toEqual([
    '[stack/Net] cidrBlock: got "10.0.0.0/8"; allowed: an IPv4 block of /16 to /30 such as "10.0.0.0/16"',
    '[stack/Logs] port: got 70000; allowed: a whole number from 1 to 65535',
    '[stack/Logs] path: got "mcp"; allowed: a path that starts with "/"',
    '[stack/Logs] namespace: got "Team_A"; allowed: a Kubernetes namespace: at most 63 lower case letters, digits and hyphens',
    '[stack/Logs] replicas: got 0; allowed: a whole number of at least 1',
    '[stack/Logs] source: got "not an image"; allowed: a container image such as "fra.ocir.io/acme/logs-mcp@sha256:…"',
    '[stack/Cost] environment: got "2ND"; allowed: names of letters, digits and underscores, no digit first',
    '[stack/Cost] shape: got "VM.Standard3.Flex"; allowed: a flexible shape such as "CI.Standard.E4.Flex"',
    '[stack/Gateway] port: got 80; allowed: a whole number from 1024 to 65535',
    '[stack/Gateway] auth.jwt_audience: expected an audience or a list of them, got an empty list (inboundAuth)',
  ]);
});

test('a fault reported twice is told once', () => {
  const fault = { prop: 'port', got: 0, allowed: 'a port', fix: 'pick one' };
  const faults = faultsOf((stack) => {
    reportFault(stack, fault);
    reportFault(stack, { ...fault });
    reportFault(stack, { ...fault, got: undefined });
  });
  expect(faults).toEqual([
    '[stack] port: got 0; allowed: a port; fix: pick one',
    '[stack] port: got undefined; allowed: a port; fix: pick one',
  ]);
});

describe('limits', () => {
  const bounds = { min: 1, max: 10 };

  test.each([
    ['checkInteger', 0, 'a whole number from 1 to 10'],
    ['checkInteger', 11, 'a whole number from 1 to 10'],
    ['checkInteger', 1.5, 'a whole number from 1 to 10'],
    ['checkInteger', Number.NaN, 'a whole number from 1 to 10'],
    ['checkInteger', Number.POSITIVE_INFINITY, 'a whole number from 1 to 10'],
    ['checkNumber', 0.99, 'a number from 1 to 10'],
    ['checkNumber', 10.01, 'a number from 1 to 10'],
    ['checkNumber', Number.NaN, 'a number from 1 to 10'],
    ['checkPort', 0, 'a whole number from 1 to 65535'],
    ['checkPort', 65536, 'a whole number from 1 to 65535'],
    ['checkPort', 80.5, 'a whole number from 1 to 65535'],
  ])('fails when %s gets %d', (check, value, allowed) => {
    const checks = {
      checkInteger: (stack: Parameters<typeof checkInteger>[0]) => checkInteger(stack, 'size', value, bounds),
      checkNumber: (stack: Parameters<typeof checkInteger>[0]) => checkNumber(stack, 'size', value, bounds),
      checkPort: (stack: Parameters<typeof checkInteger>[0]) => checkPort(stack, 'size', value),
    };
    expect(faultsOf(checks[check as keyof typeof checks])).toEqual([`[stack] size: got ${value}; allowed: ${allowed}`]);
  });

  test('the edges, undefined and references are within them', () => {
    synth((stack) => {
      const reference = new TerraformVariable(stack, 'size', { type: 'number' });
      for (const value of [1, 10, undefined, reference.numberValue]) {
        checkInteger(stack, 'size', value, bounds);
        checkNumber(stack, 'size', value, bounds);
      }
      for (const port of [1, 65535, undefined, reference.numberValue]) checkPort(stack, 'port', port);
      for (const text of ['abc', undefined, reference.stringValue]) {
        checkPattern(stack, 'text', text, { pattern: /^[a-c]+$/, allowed: 'letters from a to c' });
      }
    });
  });
});

describe('secrets', () => {
  const secret = 's3cr3t-V4lu3';

  test('fails when a URL with credentials is malformed, without printing them', () => {
    const faults = faultsOf((stack) => {
      const server = McpServer.fromEndpoint(stack, 'Docs', {
        url: `ftp://admin:${secret}@docs.example/mcp?token=${secret}`,
      });
      new McpGateway(stack, 'Gateway', {
        image,
        hosting: new OkeHosting({ cluster: cluster(stack) }),
        inboundAuth: InboundAuth.none(),
        backends: [server],
      });
    });
    expect(faults.join('\n')).not.toContain(secret);
    expect(faults.join('\n')).toContain(
      '[stack/Docs] url: got "ftp://docs.example/mcp"; allowed: a URL with http or https',
    );
  });

  test('fails when a secret variable is set twice, without printing its plain value', () => {
    const faults = faultsOf((stack) => {
      okeServer(
        stack,
        {},
        {
          environment: { API_KEY: secret },
          secretEnvironment: { API_KEY: { name: 'keys', key: 'api' } },
        },
      );
    });
    expect(faults).toEqual([
      '[stack/Logs] secretEnvironment: got "API_KEY"; allowed: names that environment does not hold as well; fix: remove API_KEY from environment',
      expect.stringContaining('[stack/Logs] environment.API_KEY: got "text that looks like a password or a key"'),
    ]);
  });

  test('are rendered as references to Kubernetes Secrets only', () => {
    const { json } = synth((stack) => {
      const docs = McpServer.fromEndpoint(stack, 'Docs', {
        url: 'https://docs.example/mcp',
        outboundAuth: OutboundAuth.bearerToken({ name: 'docs-token', key: 'token' }),
      });
      new McpGateway(stack, 'Gateway', {
        image,
        hosting: new OkeHosting({ cluster: cluster(stack) }),
        inboundAuth: InboundAuth.staticTokens({ tokens: { name: 'gateway-tokens', key: 'tokens.json' } }),
        backends: [docs],
      });
    });
    expect(JSON.stringify(json)).not.toMatch(/"(bearer_token|api_key|static_tokens)\\*":/);
  });
});
