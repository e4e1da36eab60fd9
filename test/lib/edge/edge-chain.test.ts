import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { type App, TerraformStack, Testing } from 'cdktf';
import {
  ApiGatewayEdge,
  type ApiGatewayEdgeProps,
  ContainerInstanceHosting,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  OkeHosting,
} from 'cdktf-oci-mcp';
import { renderedConfig } from '../../helpers/rendered-config';
import { type Block, faultsOf, readSynthesized, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network } from '../fixtures';

const inboundAuth = InboundAuth.jwt({
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
});

const pods = (stack: TerraformStack) =>
  new McpGateway(stack, 'Gateway', { image, hosting: new OkeHosting({ cluster: cluster(stack) }), inboundAuth });
const edge = (stack: TerraformStack, props: Partial<ApiGatewayEdgeProps> & Pick<ApiGatewayEdgeProps, 'target'>) =>
  new ApiGatewayEdge(stack, 'Edge', { compartmentId, network: network(stack), ...props });
const backendsOf = ({ resource }: Synthesized): string[] =>
  resource('oci_apigateway_deployment')['specification'].routes.map(({ backend }: Block) => backend.url);
const domain = { hostname: 'mcp.example.com', certificateId: 'ocid1.certificate.oc1..mcp' };

test('pods get a private load balancer, which only the API Gateway is let into', () => {
  const stack = synth((scope) => void edge(scope, { target: pods(scope), domain }));
  const service = stack.resource('kubernetes_service_v1', 'Edge_LoadBalancer');
  expect(service['spec'].type).toBe('LoadBalancer');
  const [mcp, health] = backendsOf(stack);
  expect(mcp).toMatch(/^http:\/\/\$\{kubernetes_service_v1\.Edge_LoadBalancer_\S+\}:9000\/mcp$/);
  expect(health).toMatch(/:9000\/health$/);
  expect(renderedConfig(stack).auth.resource_url).toBe('https://mcp.example.com/mcp');
  const entries = stack
    .resources('oci_core_network_security_group_security_rule')
    .filter((rule) => /Edge_LoadBalancer/.test(rule['network_security_group_id']) && rule['direction'] === 'INGRESS');
  expect(entries.map((rule) => rule['description'])).toEqual(['TCP 9000 from edge-security-group']);
});

test("a load balancer of one's own may stand in between", () => {
  const stack = synth((scope) => {
    const target = new LoadBalancerEdge(scope, 'Balancer', {
      compartmentId,
      network: network(scope),
      target: pods(scope),
    });
    edge(scope, { target, domain });
  });
  expect(stack.resources('kubernetes_service_v1').filter(({ spec }) => spec.type === 'LoadBalancer')).toHaveLength(1);
  expect(backendsOf(stack)[0]).toMatch(/kubernetes_service_v1\.Balancer_/);
  expect(backendsOf(stack)[1]).toMatch(/:9000\/health$/);
  expect(renderedConfig(stack).auth.resource_url).toBe('https://mcp.example.com/mcp');
});

test('a shared API Gateway needs a network for what stands in front of pods', () => {
  const securityGroupId = 'ocid1.networksecuritygroup.oc1..edge';
  const apiGateway = { gatewayId: 'ocid1.apigateway.oc1..shared', compartmentId, securityGroupId };
  expect(faultsOf((stack) => void edge(stack, { target: pods(stack), network: undefined, apiGateway }))).toEqual([
    '[stack/Edge] network: got undefined; allowed: the network of the load balancer in front of pods, which an API Gateway cannot reach; fix: pass network, or a LoadBalancerEdge as target',
  ]);
});

describe('a gateway in another stack', () => {
  /** The stack of the edge and the stack of its gateway. */
  function stacks(props: Partial<ApiGatewayEdgeProps>, hasBalancer = false) {
    const app: App = Testing.app();
    const [behind, front] = ['behind', 'front'].map((id) => {
      const stack = new TerraformStack(app, id);
      new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
      new KubernetesProvider(stack, 'Kubernetes', { configPath: 'kubeconfig' });
      return stack;
    }) as [TerraformStack, TerraformStack];
    const hosting = new ContainerInstanceHosting({ network: network(behind), compartmentId });
    const target = new McpGateway(behind, 'Gateway', { image, hosting, inboundAuth });
    const balancer = () => {
      return new LoadBalancerEdge(front, 'Balancer', { compartmentId, network: network(front), target });
    };
    edge(front, { target: hasBalancer ? balancer() : target, ...props });
    const [inner, outer] = [behind, front].map((stack) => readSynthesized(JSON.parse(Testing.synth(stack, true))));
    const { routes } = outer?.resource('oci_apigateway_deployment')['specification'] ?? {};
    const isMetadata = ({ path }: Block) => path.startsWith('/.well-known/');
    return {
      resourceUrl: inner && renderedConfig(inner).auth.resource_url,
      metadata: routes.filter(isMetadata).map(({ backend }: Block) => backend.type),
    };
  }

  test.each([false, true])('is told a name that is known at synth, with a balancer in between: %s', (hasBalancer) => {
    expect(stacks({ domain }, hasBalancer)).toEqual({
      resourceUrl: 'https://mcp.example.com/mcp',
      metadata: ['HTTP_BACKEND', 'HTTP_BACKEND'],
    });
  });

  test.each([false, true])(
    'cannot wait for any other, so the edge answers itself, with a balancer in between: %s',
    (hasBalancer) => {
      const { resourceUrl, metadata } = stacks({}, hasBalancer);
      expect(resourceUrl ?? undefined).toBeUndefined();
      expect(metadata).toEqual(['STOCK_RESPONSE_BACKEND', 'STOCK_RESPONSE_BACKEND']);
    },
  );
});
