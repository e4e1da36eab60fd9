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
import { type Block, type Synthesized, synth } from '../../helpers/synth';
import { compartmentId, image, network } from '../fixtures';

const tokens: JwtAuthOptions = {
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
};

const gateway = (stack: TerraformStack, inboundAuth: IInboundAuth = InboundAuth.jwt(tokens)) =>
  new McpGateway(stack, 'Gateway', {
    image,
    hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId }),
    inboundAuth,
  });

const edge = (stack: TerraformStack, props: Partial<ApiGatewayEdgeProps> = {}) =>
  new ApiGatewayEdge(stack, 'Edge', { compartmentId, network: network(stack), target: gateway(stack), ...props });

const deploymentOf = ({ resource }: Synthesized): Block => resource('oci_apigateway_deployment');

test('an API Gateway made for one target', () => {
  const stack = synth((scope) => void edge(scope));
  expect(deploymentOf(stack)['path_prefix']).toBe('/');
});
