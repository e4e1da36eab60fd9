import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import { ApigatewayDeployment } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { ApigatewayGateway } from '@cdktf/provider-oci/lib/apigateway-gateway';
import { LoadBalancerBackend } from '@cdktf/provider-oci/lib/load-balancer-backend';
import { LoadBalancerBackendSet } from '@cdktf/provider-oci/lib/load-balancer-backend-set';
import { LoadBalancerListener } from '@cdktf/provider-oci/lib/load-balancer-listener';
import { LoadBalancerLoadBalancer } from '@cdktf/provider-oci/lib/load-balancer-load-balancer';
import { LoadBalancerRuleSet } from '@cdktf/provider-oci/lib/load-balancer-rule-set';
import { NetworkLoadBalancerListener } from '@cdktf/provider-oci/lib/network-load-balancer-listener';
import { NetworkLoadBalancerNetworkLoadBalancer } from '@cdktf/provider-oci/lib/network-load-balancer-network-load-balancer';
import type { TerraformStack } from 'cdktf';
import {
  ContainerInstanceHosting,
  InboundAuth,
  McpGateway,
  McpServer,
  McpServerSource,
  OkeHosting,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';
import { findingsOf, findingsOfApp } from '../../helpers/rules';
import { cluster, compartmentId, image, reference } from '../fixtures';

const vcnId = 'ocid1.vcn.oc1..example';
const subnets = { here: 'ocid1.subnet.oc1..here', there: 'ocid1.subnet.oc1..there' };
const inboundAuth = InboundAuth.jwt({
  issuer: 'https://issuer.example',
  audiences: ['mcp'],
  jwksUri: 'https://issuer.example/jwks',
});

/** What this rule finds, without its title; other rules speak of the same resources. */
function found(build: (stack: TerraformStack) => void): string[] {
  const unpinned = (stack: TerraformStack) => {
    build(stack);
    // A finding of another rule, so that there is always one.
    new McpServer(stack, 'Other', {
      source: McpServerSource.image('fra.ocir.io/acme/other:1.0'),
      hosting: new OkeHosting({ cluster: cluster(stack) }),
    });
  };
  return findingsOf(unpinned)
    .filter((line) => line.includes('MCP007'))
    .map((line) => line.replace(' MCP007 Plain HTTP across subnets:', ''));
}

function instances(scope: Construct, subnetId: string, privateIp?: string): ContainerInstanceHosting {
  const id = `Network${scope.node.children.length}`;
  const network = PrivateNetwork.fromSubnetAttributes(scope, id, { vcnId, subnetId });
  return new ContainerInstanceHosting({ network, compartmentId, privateIp });
}

function server(stack: TerraformStack, subnetId: string, privateIp?: string): McpServer {
  return new McpServer(stack, 'Server', {
    source: McpServerSource.image(image),
    hosting: instances(stack, subnetId, privateIp),
  });
}

const api = (stack: TerraformStack, url: string, subnetId?: string) => {
  const gateway =
    subnetId && new ApigatewayGateway(stack, 'ApiGateway', { compartmentId, endpointType: 'PRIVATE', subnetId });
  new ApigatewayDeployment(stack, 'Api', {
    compartmentId,
    gatewayId: gateway ? gateway.id : 'ocid1.apigateway.oc1..example',
    pathPrefix: '/',
    specification: { routes: [{ path: '/mcp', backend: { type: 'HTTP_BACKEND', url } }] },
  });
};

const crossing = [
  '[stack/Api] plain HTTP from the API gateway to what is behind /mcp, in another subnet or not made by this app',
];

describe('from a gateway to a server', () => {
  const gateway = (stack: TerraformStack, subnetId: string, backend: Parameters<McpGateway['addBackend']>[0]) =>
    new McpGateway(stack, 'Gateway', { image, inboundAuth, hosting: instances(stack, subnetId), backends: [backend] });
  const finding = (path: string) => [
    `[stack/Gateway] plain HTTP to ${path}, which is in another subnet or not made by this app`,
  ];

  test('is found in another subnet, and passes in the same one', () => {
    expect(found((stack) => gateway(stack, subnets.here, server(stack, subnets.there)))).toEqual(
      finding('stack/Server'),
    );
    expect(found((stack) => gateway(stack, subnets.here, server(stack, subnets.here)))).toEqual([]);
    const pinned = (stack: TerraformStack) => gateway(stack, subnets.here, server(stack, subnets.there, '10.0.10.9'));
    expect(found(pinned)).toEqual(finding('stack/Server'));
  });

  test('is found for an address that the app does not make, unless it is https', () => {
    const external = (url: (stack: TerraformStack) => string) => (stack: TerraformStack) =>
      gateway(stack, subnets.here, McpServer.fromEndpoint(stack, 'Docs', { url: url(stack) }));
    expect(found(external(() => 'http://docs.example/mcp'))).toEqual(finding('stack/Docs'));
    expect(found(external((stack) => `http://${reference(stack, 'host')}/mcp`))).toEqual(finding('stack/Docs'));
    expect(found(external(() => 'https://docs.example/mcp'))).toEqual([]);
    expect(found(external((stack) => reference(stack, 'url')))).toEqual([]);
  });

  test('passes where only the variables of two stacks could tell the subnets apart', () => {
    const across = (there: (stack: TerraformStack) => string) =>
      findingsOfApp((one, two) => {
        const backend = server(one, reference(one, 'subnet_id'), '10.0.10.9');
        gateway(two, there(two), backend);
      });
    expect(across((stack) => reference(stack, 'subnet'))).toEqual([]);
    const known = findingsOfApp((one, two) => void gateway(two, subnets.here, server(one, subnets.there, '10.0.10.9')));
    expect(known).toHaveLength(1);
  });

  test('passes inside a cluster, and where nobody knows the subnet of the pods', () => {
    const onOke = (stack: TerraformStack) => new OkeHosting({ cluster: cluster(stack) });
    const build = (hosted: (stack: TerraformStack) => McpServer) => (stack: TerraformStack) =>
      new McpGateway(stack, 'Gateway', { image, inboundAuth, hosting: onOke(stack), backends: [hosted(stack)] });
    const pods = (stack: TerraformStack) =>
      new McpServer(stack, 'Pods', { source: McpServerSource.image(image), hosting: onOke(stack) });
    expect(found(build(pods))).toEqual([]);
    expect(found(build((stack) => server(stack, subnets.there)))).toEqual([]);
  });
});

describe('from an API gateway', () => {
  const urlOf = ({ endpoint }: McpServer) => ('url' in endpoint ? endpoint.url : '');

  test('is found in another subnet and for an address that the app does not make', () => {
    expect(found((stack) => api(stack, urlOf(server(stack, subnets.there)), subnets.here))).toEqual(crossing);
    expect(found((stack) => api(stack, 'http://10.0.9.9:8000/mcp', subnets.here))).toEqual(crossing);
  });

  test('passes in the same subnet, with https, and where nobody knows the subnet of the API gateway', () => {
    expect(found((stack) => api(stack, urlOf(server(stack, subnets.here)), subnets.here))).toEqual([]);
    expect(found((stack) => api(stack, 'https://10.0.9.9/mcp', subnets.here))).toEqual([]);
    expect(found((stack) => api(stack, urlOf(server(stack, subnets.here))))).toEqual([]);
  });
});

describe('a load balancer', () => {
  interface Options {
    readonly protocol?: string;
    readonly isPrivate?: boolean;
    readonly port?: number;
    readonly tls?: boolean;
    readonly ruleSetNames?: string[];
    readonly backend?: string;
  }
  const tlsConfiguration = { certificateIds: ['ocid1.certificate.oc1..example'], verifyPeerCertificate: false };
  const balancer = (stack: TerraformStack, options: Options) => {
    const { protocol = 'HTTP', isPrivate = true, port = 80, tls = false, ruleSetNames, backend } = options;
    const { id } = new LoadBalancerLoadBalancer(stack, 'Balancer', {
      compartmentId,
      displayName: 'mcp',
      shape: 'flexible',
      subnetIds: [subnets.here],
      isPrivate,
    });
    const healthChecker = { protocol: 'TCP', port: 8000 };
    const set = new LoadBalancerBackendSet(stack, 'Set', {
      loadBalancerId: id,
      name: 'mcp',
      policy: 'ROUND_ROBIN',
      healthChecker,
    });
    if (backend)
      new LoadBalancerBackend(stack, 'Backend', {
        loadBalancerId: id,
        backendsetName: set.name,
        ipAddress: backend,
        port: 8000,
      });
    new LoadBalancerListener(stack, 'Listener', {
      loadBalancerId: id,
      name: 'mcp',
      defaultBackendSetName: 'mcp',
      protocol,
      port,
      ruleSetNames,
      ...(tls && { sslConfiguration: tlsConfiguration }),
    });
    return id;
  };
  const listener = (reach: string) => [`[stack/Listener] a listener without TLS on a ${reach} load balancer`];

  test('is found where it takes HTTP, and passes with TLS', () => {
    expect(found((stack) => balancer(stack, {}))).toEqual(listener('private'));
    expect(found((stack) => balancer(stack, { isPrivate: false }))).toEqual(listener('public'));
    expect(found((stack) => balancer(stack, { tls: true }))).toEqual([]);
  });

  test('passes where it only sends callers to https', () => {
    const redirecting = (action: string) => (stack: TerraformStack) => {
      const loadBalancerId = balancer(stack, { ruleSetNames: ['https'] });
      new LoadBalancerRuleSet(stack, 'Https', { loadBalancerId, name: 'https', items: [{ action }] });
    };
    expect(found(redirecting('REDIRECT'))).toEqual([]);
    expect(found(redirecting('ADD_HTTP_REQUEST_HEADER'))).toEqual(listener('private'));
  });

  test('of packets is found where it is public, unless TLS passes through', () => {
    const tcp = { protocol: 'TCP', isPrivate: false };
    expect(found((stack) => balancer(stack, { ...tcp, port: 8000 }))).toEqual(listener('public'));
    expect(found((stack) => balancer(stack, { ...tcp, port: 443 }))).toEqual([]);
    expect(found((stack) => balancer(stack, { protocol: 'TCP', port: 8000 }))).toEqual([]);
  });

  test('is found in front of backends in another subnet', () => {
    const behind = (subnetId: string) => (stack: TerraformStack) => {
      server(stack, subnetId, '10.0.10.9');
      balancer(stack, { tls: true, backend: '10.0.10.9' });
    };
    expect(found(behind(subnets.there))).toEqual([
      '[stack/Set] plain HTTP from the load balancer to backends in another subnet',
    ]);
    expect(found(behind(subnets.here))).toEqual([]);
  });

  test('of the network kind is found where it is public', () => {
    const network = (isPrivate: boolean, port: number) => (stack: TerraformStack) => {
      const subnetId = subnets.here;
      const { id } = new NetworkLoadBalancerNetworkLoadBalancer(stack, 'Balancer', {
        compartmentId,
        displayName: 'mcp',
        subnetId,
        isPrivate,
      });
      const listens = { name: 'mcp', defaultBackendSetName: 'mcp', protocol: 'TCP', port };
      new NetworkLoadBalancerListener(stack, 'Listener', { networkLoadBalancerId: id, ...listens });
    };
    expect(found(network(false, 8000))).toEqual(listener('public'));
    expect(found(network(true, 8000))).toEqual([]);
    expect(found(network(false, 443))).toEqual([]);
  });
});

describe('a Service of type LoadBalancer', () => {
  const nlb = { 'oci.oraclecloud.com/load-balancer-type': 'nlb' };
  const tls = { 'service.beta.kubernetes.io/oci-load-balancer-ssl-ports': '443' };
  const service =
    (annotations: { [name: string]: string }, port = 443, type = 'LoadBalancer', app = 'orders') =>
    (stack: TerraformStack) => {
      new ServiceV1(stack, 'Service', {
        metadata: { name: 'orders', namespace: 'mcp', annotations },
        spec: { type, selector: { 'app.kubernetes.io/name': app }, port: [{ port }] },
      });
    };
  const finding = ['[stack/Service] a Service whose load balancer takes plain HTTP'];

  test('is found without TLS', () => {
    expect(found(service({}))).toEqual(finding);
    expect(found(service(nlb, 8000))).toEqual(finding);
  });

  test('of packets that is private is judged by who calls it', () => {
    const subnet = 'oci-network-load-balancer.oraclecloud.com/subnet';
    const internal = { ...nlb, 'oci-network-load-balancer.oraclecloud.com/internal': 'true' };
    const called = (subnetId: string) => (stack: TerraformStack) => {
      service({ ...internal, [subnet]: subnetId }, 8000)(stack);
      const address = `\${kubernetes_service_v1.Service.status[0].load_balancer[0].ingress[0].ip}`;
      api(stack, `http://${address}:8000/mcp`, subnets.here);
    };
    expect(found(service(internal, 8000))).toEqual([]);
    expect(found(called(subnets.here))).toEqual([]);
    expect(found(called(subnets.there))).toEqual(crossing);
  });

  test('passes with TLS, where TLS may pass through, and inside the cluster', () => {
    expect(found(service(tls))).toEqual([]);
    expect(found(service(nlb))).toEqual([]);
    expect(found(service({}, 8000, 'ClusterIP'))).toEqual([]);
  });

  test('is found where packets go to a gateway, which speaks plain HTTP', () => {
    const build = (stack: TerraformStack) => {
      new McpGateway(stack, 'Gateway', { image, inboundAuth, hosting: new OkeHosting({ cluster: cluster(stack) }) });
      service(nlb, 443, 'LoadBalancer', 'gateway')(stack);
    };
    expect(found(build)).toEqual(finding);
  });
});
