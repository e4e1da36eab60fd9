import { generateKeyPairSync } from 'node:crypto';
import type { TerraformStack } from 'cdktf';
import {
  ApiGatewayEdge,
  type ApiGatewayEdgeProps,
  ContainerInstanceHosting,
  type IInboundAuth,
  InboundAuth,
  type JwtAuthOptions,
  McpGateway,
} from 'cdktf-oci-mcp';
import { type Block, faultsOf, type Synthesized, synth } from '../../../helpers/synth';
import { compartmentId, image, network } from '../../fixtures';

export const tokens: JwtAuthOptions = {
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
};
export const jwt = (options: Partial<JwtAuthOptions> = {}) => InboundAuth.jwt({ ...tokens, ...options });
export const securityGroupId = 'ocid1.networksecuritygroup.oc1..shared';
export const shared = { gatewayId: 'ocid1.apigateway.oc1..shared', compartmentId, securityGroupId };
export const pem = (type: 'rsa' | 'ec') => {
  const { publicKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
};

export const gateway = (stack: TerraformStack, inboundAuth: IInboundAuth = jwt()) =>
  new McpGateway(stack, 'Gateway', {
    image,
    hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
    inboundAuth,
  });

export function edge(stack: TerraformStack, props: Partial<ApiGatewayEdgeProps> = {}, inboundAuth?: IInboundAuth) {
  const target = props.target ?? gateway(stack, inboundAuth);
  const place = props.apiGateway ? {} : { network: network(stack) };
  return new ApiGatewayEdge(stack, 'Edge', { compartmentId, ...place, ...props, target });
}

export const synthEdge = (props: Partial<ApiGatewayEdgeProps> = {}, inboundAuth?: IInboundAuth) =>
  synth((stack) => void edge(stack, props, inboundAuth));
export const edgeFaults = (props: Partial<ApiGatewayEdgeProps>, inboundAuth?: IInboundAuth) =>
  faultsOf((stack) => void edge(stack, props, inboundAuth));
export const deploymentOf = ({ resource }: Synthesized): Block =>
  resource('oci_apigateway_deployment', 'Edge_Deployment')['specification'];
export const routeOf = (stack: Synthesized, path: string, method = 'POST'): Block =>
  deploymentOf(stack)['routes'].find((route: Block) => route['path'] === path && route['methods'].includes(method));
export const ruleBlocks = ({ resources }: Synthesized, group: RegExp) =>
  resources('oci_core_network_security_group_security_rule').filter((rule) =>
    group.test(rule['network_security_group_id']),
  );
export const rules = (stack: Synthesized, group = /Edge_SecurityGroup|shared$/) =>
  ruleBlocks(stack, group).map((rule) => rule['description']);
