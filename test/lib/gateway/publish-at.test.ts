import type { TerraformStack } from 'cdktf';
import { type IInboundAuth, InboundAuth, McpGateway, OkeHosting } from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, image, reference } from '../fixtures';

const tokens = { issuer: 'https://id.example/', audiences: ['mcp'], jwksUri: 'https://id.example/jwks' };

const gateway = (stack: TerraformStack, inboundAuth: IInboundAuth = InboundAuth.jwt(tokens)) =>
  new McpGateway(stack, 'Gateway', { image, hosting: new OkeHosting({ cluster: cluster(stack) }), inboundAuth });
const urlAfter = (publish: (gateway: McpGateway, stack: TerraformStack) => void, inboundAuth?: IInboundAuth) =>
  renderedConfig(synth((stack) => publish(gateway(stack, inboundAuth), stack))).auth.resource_url;

test('a gateway names no URL that nobody told it', () => {
  expect(urlAfter(() => {})).toBeUndefined();
});

test('a gateway names the URL it was told last', () => {
  expect(
    urlAfter((each) => {
      each.publishAt('https://balancer.example/mcp');
      each.publishAt('https://edge.example/team/mcp');
    }),
  ).toBe('https://edge.example/team/mcp');
});

test('a gateway may be told a name and a port that only Terraform knows', () => {
  const publish = (each: McpGateway, stack: TerraformStack) =>
    each.publishAt(`https://${reference(stack, 'host')}/mcp`);
  expect(urlAfter(publish)).toBe('https://reference.example/mcp');
  const withPort = synth((stack) =>
    gateway(stack).publishAt(`https://${reference(stack, 'host')}:${reference(stack, 'port')}/mcp`),
  );
  const values = { 'var.host': 'edge.example', 'var.port': 8443 };
  expect(renderedConfig(withPort, values).auth.resource_url).toBe('https://edge.example:8443/mcp');
});

test('what the inbound auth says counts more', () => {
  const inboundAuth = InboundAuth.jwt({ ...tokens, resourceUrl: 'https://cdn.example/mcp' });
  expect(urlAfter((each) => each.publishAt('https://edge.example/mcp'), inboundAuth)).toBe('https://cdn.example/mcp');
});

test('a gateway without authentication has nothing to say', () => {
  const stack = synth((scope) => gateway(scope, InboundAuth.none()).publishAt('https://edge.example/mcp'));
  expect(renderedConfig(stack).auth).toMatchObject({ enabled: false });
  expect(renderedConfig(stack).auth.resource_url).toBeUndefined();
});

test('what is no URL is told at synth', () => {
  expect(faultsOf((stack) => gateway(stack).publishAt('edge.example/mcp'))[0]).toMatch(
    /^\[stack\/Gateway\] auth\.resource_url: .*an http or https URL/,
  );
});
