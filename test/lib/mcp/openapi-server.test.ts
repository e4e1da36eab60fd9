import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { InboundAuth, McpGateway, McpServer, OkeHosting, type OpenApiAttributes, OutboundAuth } from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, compartmentId, image } from '../fixtures';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openapi-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A document in a file. */
function fileWith(text: string): string {
  const file = join(folder, 'orders.yaml');
  writeFileSync(file, text);
  return file;
}

const url = 'https://orders.example/v1';

function gatewayFor(stack: TerraformStack, attributes: Partial<OpenApiAttributes>): void {
  new McpGateway(stack, 'Gateway', {
    image,
    hosting: new OkeHosting({ cluster: cluster(stack) }),
    inboundAuth: InboundAuth.none(),
    backends: [McpServer.fromOpenApi(stack, 'Orders', { url, ...attributes })],
  });
}

const backendFor = (attributes: Partial<OpenApiAttributes>) =>
  renderedConfig(synth((stack) => gatewayFor(stack, attributes))).backends[0];

test('a service is a backend of the gateway, with credentials like any other', () => {
  const secretId = 'ocid1.vaultsecret.oc1.eu-frankfurt-1.secret';
  const backend = backendFor({
    documentUrl: `${url}/openapi.json`,
    operations: { methods: ['GET'], tags: ['orders'] },
    headers: { 'x-tenant': 'acme' },
    outboundAuth: OutboundAuth.oauthClientCredentials({
      tokenUrl: 'https://idcs.example/oauth2/v1/token',
      clientId: 'gateway',
      clientSecret: { secretId, compartmentId },
      scopes: ['https://orders.example/'],
    }),
  });
  expect(backend).toMatchObject({
    name: 'orders',
    transport: 'openapi',
    url,
    document_url: `${url}/openapi.json`,
    operations: { methods: ['GET'], tags: ['orders'] },
    headers: { 'x-tenant': 'acme' },
    auth_method: 'oauth_client_credentials',
    client_secret_secret_id: secretId,
  });
});

test('a document on this machine goes along as it is', () => {
  const text = 'openapi: 3.1.0\ninfo: { title: "${HOME} 100%{x} \\"quoted\\"", version: "1" }\npaths: {}\n';
  expect(backendFor({ documentFile: fileWith(text) })).toMatchObject({ document: text });
});

test.each<[string, () => Partial<OpenApiAttributes>, string]>([
  ['neither', () => ({}), 'neither documentUrl nor documentFile'],
  ['both', () => ({ documentUrl: url, documentFile: fileWith('openapi: 3.1.0') }), 'documentUrl and documentFile'],
  ['none there', () => ({ documentFile: join(folder, 'nothing.yaml') }), '(ENOENT)'],
  ['no document', () => ({ documentFile: fileWith('title: x') }), 'an OpenAPI or Swagger document'],
  ['a large one', () => ({ documentFile: fileWith(`openapi: 3.1.0\n# ${'x'.repeat(300_000)}`) }), 'up to 262144 bytes'],
  ['an odd URL', () => ({ documentUrl: 'ftp://orders.example' }), 'document_url: expected an http or https URL'],
  ['no methods', () => ({ documentUrl: url, operations: { methods: [] } }), 'operations.methods: expected a list'],
  ['a name', () => ({ documentUrl: url, serverName: 'a b' }), 'serverName'],
])('synth fails with %s', (_, attributes, fault) => {
  expect(faultsOf((stack) => gatewayFor(stack, attributes())).join('\n')).toContain(fault);
});
