import type { TerraformStack } from 'cdktf';
import {
  ClientConfiguration,
  type ClientConfigurationProps,
  type IInboundAuth,
  InboundAuth,
  McpGateway,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { clientNames } from 'oci-mcp-gateway/clients';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, image, reference } from '../fixtures';

const jwt = InboundAuth.jwt({
  issuer: ['https://id.example/'],
  audiences: ['mcp'],
  jwksUri: 'https://id.example/jwks',
});
const staticTokens = InboundAuth.staticTokens({ tokens: { name: 'gateway-tokens', key: 'tokens.json' } });

function gateway(stack: TerraformStack, inboundAuth: IInboundAuth = jwt): McpGateway {
  return new McpGateway(stack, 'Gateway', { image, hosting: new OkeHosting({ cluster: cluster(stack) }), inboundAuth });
}

const configure = (props: Partial<ClientConfigurationProps>, inboundAuth?: IInboundAuth) => (stack: TerraformStack) => {
  const url = reference(stack, 'url');
  new ClientConfiguration(stack, 'Clients', { gateway: gateway(stack, inboundAuth), url, ...props });
};

/** What Terraform makes of the output. */
function told(props: Partial<ClientConfigurationProps>, inboundAuth?: IInboundAuth) {
  const { json } = synth(configure(props, inboundAuth));
  const [output] = Object.values(json.output) as [
    { value: Record<string, string> & { clients: Record<string, string> } },
  ];
  const { clients, ...target } = output.value;
  const evaluated = Object.entries(clients).map(([client, text]) => [
    client,
    text.replaceAll('${var.url}', 'https://mcp.example.com/mcp').replaceAll('$${', '${'),
  ]);
  return { target, clients: Object.fromEntries(evaluated) as Record<string, string>, raw: clients };
}

test('clients are told a URL that only Terraform knows, and where to put their tokens', () => {
  const { target, clients, raw } = told({ auth: 'token' });
  expect(target).toEqual({ name: 'oci', url: '${var.url}', auth: 'token' });
  expect(Object.keys(clients).sort()).toEqual([...clientNames].sort());
  expect(JSON.parse(clients['claude-code'] as string)).toEqual({
    mcpServers: {
      oci: {
        type: 'http',
        url: 'https://mcp.example.com/mcp',
        headers: { Authorization: 'Bearer ${MCP_GATEWAY_TOKEN}' },
      },
    },
  });
  // Terraform would look for something called so.
  for (const text of Object.values(raw)) expect(text).not.toMatch(/(?<!\$)\$\{(?!var\.url\})/);
});

test('they log in by themselves where the gateway can tell them where, send a token where not, or nothing', () => {
  expect(told({}).target.auth).toBe('oauth');
  expect(told({}, staticTokens).target.auth).toBe('token');
  expect(told({}, InboundAuth.none()).target.auth).toBe('none');
});

test('only the clients asked for are told, by the name asked for', () => {
  const { clients } = told({ url: 'https://mcp.example.com/mcp', clients: ['cursor'], clientName: 'acme' });
  expect(Object.keys(clients)).toEqual(['cursor']);
  expect(JSON.parse(clients.cursor as string)).toEqual({
    mcpServers: { acme: { url: 'https://mcp.example.com/mcp' } },
  });
});

test('a name that a client would not take, and a client that nobody knows, are reported', () => {
  const faults = faultsOf(configure({ clientName: '9 lives', clients: ['emacs' as 'cursor'] }));
  expect(faults).toEqual([
    expect.stringContaining('clientName: got "9 lives"'),
    expect.stringContaining('clients: got "emacs"; allowed: claude-desktop, claude-code'),
  ]);
});

test('the URL is the one of the gateway unless another one is given', () => {
  const { json } = synth((stack) => {
    const { target } = new ClientConfiguration(stack, 'Clients', { gateway: gateway(stack) });
    expect(target.url).toBe((stack.node.findChild('Gateway') as McpGateway).endpoint.url);
  });
  expect(Object.values(json.output)).toHaveLength(1);
});
