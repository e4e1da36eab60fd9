import { ServiceV1 } from '@cdktf/provider-kubernetes/lib/service-v1';
import {
  ApigatewayDeployment,
  type ApigatewayDeploymentSpecification,
} from '@cdktf/provider-oci/lib/apigateway-deployment';
import { ApigatewayGateway } from '@cdktf/provider-oci/lib/apigateway-gateway';
import { ContainerInstancesContainerInstance } from '@cdktf/provider-oci/lib/container-instances-container-instance';
import { GenerativeAiHostedApplication } from '@cdktf/provider-oci/lib/generative-ai-hosted-application';
import { LoadBalancerBackend } from '@cdktf/provider-oci/lib/load-balancer-backend';
import { LoadBalancerLoadBalancer } from '@cdktf/provider-oci/lib/load-balancer-load-balancer';
import { LoggingLog } from '@cdktf/provider-oci/lib/logging-log';
import { NetworkLoadBalancerNetworkLoadBalancer } from '@cdktf/provider-oci/lib/network-load-balancer-network-load-balancer';
import type { TerraformStack } from 'cdktf';
import {
  ApiGatewayEdge,
  ContainerInstanceHosting,
  FunctionHosting,
  HostedApplicationAuth,
  HostedApplicationHosting,
  type IInboundAuth,
  InboundAuth,
  LoadBalancerEdge,
  McpGateway,
  McpServer,
  McpServerSource,
  Monitoring,
  OkeHosting,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { expectNoFindings, findingsOf, findingsOfApp } from '../../helpers/rules';
import { cluster, compartmentId, image, network } from '../fixtures';

const subnetId = 'ocid1.subnet.oc1..example';
const jwt = InboundAuth.jwt({
  issuer: 'https://identity.oraclecloud.com/',
  audiences: ['mcp'],
  jwksUri: 'https://idcs.example/admin/v1/SigningCert/jwk',
});
const found = (build: (stack: TerraformStack) => void) => findingsOf(build).filter((line) => line.includes('MCP001'));

function gateway(stack: TerraformStack, inboundAuth: IInboundAuth = jwt): McpGateway {
  const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId, privateIp: '10.0.10.10' });
  return new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth });
}

/** A log for a resource, about which another rule would speak. */
function log(stack: TerraformStack, service: string, resource: string): void {
  new LoggingLog(stack, `Log-${service}`, {
    displayName: service,
    logGroupId: 'ocid1.loggroup.oc1..example',
    logType: 'SERVICE',
    configuration: { source: { service, resource, category: 'access', sourceType: 'OCISERVICE' } },
  });
}

function deployment(specification: ApigatewayDeploymentSpecification, endpointType?: string, pathPrefix = '/') {
  return (stack: TerraformStack) => {
    const gatewayId =
      endpointType === undefined
        ? 'ocid1.apigateway.oc1..example'
        : new ApigatewayGateway(stack, 'ApiGateway', { compartmentId, endpointType, subnetId }).id;
    const { id } = new ApigatewayDeployment(stack, 'Api', { compartmentId, gatewayId, pathPrefix, specification });
    log(stack, 'apigateway', id);
  };
}

const backend = { type: 'HTTP_BACKEND', url: 'https://tools.example/mcp' };
const token = { type: 'TOKEN_AUTHENTICATION', tokenHeader: 'Authorization' };
const said = '[stack/Api] MCP001 Public endpoint without authentication: route';

describe('an API gateway', () => {
  test.each([
    ['has no authentication', { routes: [{ path: '/mcp', backend }] }, undefined, ''],
    ['is public', { routes: [{ path: '/mcp', backend }] }, 'PUBLIC', ' on the internet'],
    ['is private', { routes: [{ path: '/mcp', backend }] }, 'PRIVATE', ' in the network of the API gateway'],
    [
      'lets one route be called by everybody',
      {
        requestPolicies: { authentication: { ...token, isAnonymousAccessAllowed: true } },
        routes: [{ path: '/mcp', backend, requestPolicies: { authorization: { type: 'ANONYMOUS' } } }],
      },
      undefined,
      '',
    ],
  ])('is found where it %s', (_name, specification, endpointType, reach) => {
    expect(findingsOf(deployment(specification, endpointType))).toEqual([
      `${said} /mcp answers without credentials${reach}`,
    ]);
  });

  test('is found for routes that are made of a list which only Terraform knows', () => {
    const routes = { dynamic: { routes: { for_each: '${var.paths}', content: { path: '${routes.value}', backend } } } };
    const build = (stack: TerraformStack) => {
      deployment({ routes: [] })(stack);
      stack.addOverride('resource.oci_apigateway_deployment.Api.specification', routes);
    };
    expect(findingsOf(build)).toEqual([`${said} ${'${routes.value}'} answers without credentials`]);
  });

  test('is found for a health path that takes more than reads', () => {
    const routes = [{ path: '/health', methods: ['GET', 'POST'], backend }];
    expect(findingsOf(deployment({ routes }))).toEqual([`${said} /health answers without credentials`]);
  });

  test.each<[string, ApigatewayDeploymentSpecification, string]>([
    ['tokens', { requestPolicies: { authentication: token }, routes: [{ path: '/mcp', backend }] }, '/'],
    [
      'certificates',
      { requestPolicies: { mutualTls: { isVerifiedCertificateRequired: true } }, routes: [{ path: '/mcp', backend }] },
      '/',
    ],
    [
      'an answer of its own',
      { routes: [{ path: '/mcp', backend: { type: 'STOCK_RESPONSE_BACKEND', status: 404 } }] },
      '/',
    ],
    ['health', { routes: [{ path: '/health', methods: ['GET'], backend }] }, '/'],
    ['metadata', { routes: [{ path: '/mcp', methods: ['GET'], backend }] }, '/.well-known/oauth-protected-resource'],
    ['questions of browsers', { routes: [{ path: '/mcp', methods: ['OPTIONS'], backend }] }, '/'],
  ])('passes with %s', (_name, specification, pathPrefix) => {
    expectNoFindings(deployment(specification, undefined, pathPrefix));
  });

  test('passes in front of a gateway that asks for tokens, and not in front of another', () => {
    const edge = (inboundAuth: IInboundAuth) => (stack: TerraformStack) => {
      const monitoring = new Monitoring(stack, 'Monitoring', { compartmentId });
      const target = gateway(stack, inboundAuth);
      const place = { compartmentId, network: network(stack), target, monitoring };
      new ApiGatewayEdge(stack, 'Edge', { ...place, ...(inboundAuth.anonymous ? {} : { authentication: 'NONE' }) });
    };
    expectNoFindings(edge(jwt));
    expect(found(edge(InboundAuth.none()))).not.toEqual([]);
  });

  test('passes in front of a balancer of such a gateway, which is known by its name', () => {
    const named = (inboundAuth: IInboundAuth) => (stack: TerraformStack) => {
      const monitoring = new Monitoring(stack, 'Monitoring', { compartmentId });
      const place = { compartmentId, network: network(stack), monitoring };
      const hosting = new OkeHosting({ cluster: cluster(stack) });
      const target = new LoadBalancerEdge(stack, 'Balancer', {
        ...place,
        target: new McpGateway(stack, 'Gateway', { image, hosting, inboundAuth }),
        hostname: 'mcp.acme.example',
        tlsSecretName: 'tls',
      });
      new ApiGatewayEdge(stack, 'Edge', {
        ...place,
        target,
        ...(inboundAuth.anonymous ? {} : { authentication: 'NONE' }),
      });
    };
    expectNoFindings(named(jwt));
    expect(found(named(InboundAuth.none())).length).toBeGreaterThan(1);
  });

  test('is found in front of a function whose route asks for nothing', () => {
    const route = (inboundAuth: IInboundAuth) => (stack: TerraformStack) => {
      const apiGateway = { gatewayId: 'ocid1.apigateway.oc1..a', compartmentId };
      new McpServer(stack, 'Logs', {
        source: McpServerSource.image(`fra.ocir.io/acme/logs-mcp:1.4@sha256:${'0f3a'.repeat(16)}`),
        hosting: new FunctionHosting({ network: network(stack), compartmentId, route: { apiGateway, inboundAuth } }),
      });
    };
    expect(found(route(InboundAuth.none()))).toEqual([
      '[stack/Logs/Route] MCP001 Public endpoint without authentication: route /mcp answers without credentials',
    ]);
    expect(found(route(jwt))).toEqual([]);
  });
});

describe('a gateway of this library', () => {
  test('is found where everybody may call it', () => {
    expect(findingsOf((stack) => gateway(stack, InboundAuth.none()))).toEqual([
      '[stack/Gateway] MCP001 Public endpoint without authentication: a gateway with InboundAuth.none()',
    ]);
    expectNoFindings(gateway);
  });

  test('passes in a hosted application, which checks tokens itself', () => {
    const hosting = new HostedApplicationHosting({ compartmentId, auth: HostedApplicationAuth.ociSignature() });
    const build = (stack: TerraformStack) => {
      const hosted = 'fra.ocir.io/acme/gateway:1.0';
      new McpGateway(stack, 'Gateway', { image: hosted, hosting, inboundAuth: InboundAuth.none(), port: 8080 });
    };
    expect(found(build)).toEqual([]);
  });
});

describe('a load balancer', () => {
  const balancer = (stack: TerraformStack, isPrivate: boolean) => {
    const made = new LoadBalancerLoadBalancer(stack, 'Balancer', {
      compartmentId,
      displayName: 'mcp',
      shape: 'flexible',
      subnetIds: [subnetId],
      isPrivate,
    });
    log(stack, 'loadbalancer', made.id);
    return made;
  };
  const backendOf = (stack: TerraformStack, loadBalancerId: string, ipAddress: string) =>
    new LoadBalancerBackend(stack, 'Backend', { loadBalancerId, backendsetName: 'mcp', ipAddress, port: 9000 });

  test('is found where the internet reaches something that may not ask for tokens', () => {
    const finding =
      '[stack/Balancer] MCP001 Public endpoint without authentication: a public load balancer in front of something else than a gateway that asks for tokens';
    expect(findingsOf((stack) => balancer(stack, false))).toEqual([finding]);
    const server = (stack: TerraformStack) => backendOf(stack, balancer(stack, false).id, '10.0.1.1');
    expect(findingsOf(server)).toEqual([finding]);
  });

  test('passes where it is private, or in front of a gateway that asks for tokens', () => {
    expectNoFindings((stack) => balancer(stack, true));
    expectNoFindings((stack) => {
      gateway(stack);
      backendOf(stack, balancer(stack, false).id, '10.0.10.10');
    });
  });

  test('is found in front of a server that is made below a gateway, and asks nobody', () => {
    const build = (stack: TerraformStack) => {
      new McpServer(gateway(stack), 'Tools', {
        source: McpServerSource.image(image),
        hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId, privateIp: '10.0.10.11' }),
      });
      backendOf(stack, balancer(stack, false).id, '10.0.10.11');
    };
    expect(found(build)).toHaveLength(1);
  });

  test('of an edge is found where a server is put behind it beside the gateway', () => {
    const build = (ipAddress: string) => (stack: TerraformStack) => {
      const { vcnId, subnetId } = network(stack);
      const attributes = { vcnId, subnetId, publicSubnetId: 'ocid1.subnet.oc1..public' };
      const edge = new LoadBalancerEdge(stack, 'Edge', {
        compartmentId,
        network: PrivateNetwork.fromSubnetAttributes(stack, 'Public', attributes),
        target: gateway(stack),
        endpoint: 'PUBLIC',
        certificateId: 'ocid1.certificate.oc1..example',
        hostname: 'mcp.acme.example',
      });
      new McpServer(stack, 'Tools', {
        source: McpServerSource.image(image),
        hosting: new ContainerInstanceHosting({ network: network(stack), compartmentId, privateIp: '10.0.10.11' }),
      });
      backendOf(stack, (edge.node.defaultChild as LoadBalancerLoadBalancer).id, ipAddress);
    };
    expect(found(build('10.0.10.11'))).toHaveLength(1);
    expect(findingsOf(build('10.0.10.10')).filter((line) => line.includes('MCP001'))).toEqual([]);
  });

  test('is found where only the gateway of another environment has the address of what is behind it', () => {
    const findings = findingsOfApp((one, two) => {
      gateway(one);
      new McpServer(two, 'Tools', {
        source: McpServerSource.image(image),
        hosting: new ContainerInstanceHosting({ network: network(two), compartmentId, privateIp: '10.0.10.10' }),
      });
      backendOf(two, balancer(two, false).id, '10.0.10.10');
    });
    expect(findings.map((line) => line.split(':')[0])).toEqual([
      '[two/Balancer] MCP001 Public endpoint without authentication',
    ]);
  });

  test('is found in front of a gateway that asks for nothing', () => {
    const build = (stack: TerraformStack) => {
      gateway(stack, InboundAuth.none());
      backendOf(stack, balancer(stack, false).id, '10.0.10.10');
    };
    expect(found(build)).toHaveLength(2);
  });

  test('is found under the first name that the provider had for it', () => {
    const build = (stack: TerraformStack) =>
      stack.addOverride('resource.oci_load_balancer.Old', {
        compartment_id: compartmentId,
        display_name: 'mcp',
        shape: 'flexible',
        subnet_ids: [subnetId],
      });
    expect(found(build)).toHaveLength(1);
  });

  test('of the network kind is found too', () => {
    const build = (isPrivate?: boolean) => (stack: TerraformStack) => {
      new NetworkLoadBalancerNetworkLoadBalancer(stack, 'Balancer', {
        compartmentId,
        displayName: 'mcp',
        subnetId,
        isPrivate,
      });
    };
    expect(findingsOf(build())).toHaveLength(1);
    expectNoFindings(build(true));
  });
});

describe('a Service of type LoadBalancer', () => {
  const nlb = 'oci-network-load-balancer.oraclecloud.com/internal';
  const tls = { 'service.beta.kubernetes.io/oci-load-balancer-ssl-ports': '443' };
  const service =
    (annotations: { [name: string]: string }, selector: { [name: string]: string } = { app: 'orders' }) =>
    (stack: TerraformStack) => {
      new ServiceV1(stack, 'Service', {
        metadata: { name: 'orders', namespace: 'mcp', annotations },
        spec: { type: 'LoadBalancer', selector, port: [{ port: 443 }] },
      });
    };

  test.each([
    [tls],
    [{ ...tls, 'service.beta.kubernetes.io/oci-load-balancer-internal': 'false' }],
    [
      {
        'oci.oraclecloud.com/load-balancer-type': 'nlb',
        'service.beta.kubernetes.io/oci-load-balancer-internal': 'true',
      },
    ],
  ])('is found with %j', (annotations) => {
    expect(findingsOf(service(annotations))).toEqual([
      '[stack/Service] MCP001 Public endpoint without authentication: a Service with a public load balancer in front of something else than a gateway that asks for tokens',
    ]);
  });

  test.each([
    [{ ...tls, 'service.beta.kubernetes.io/oci-load-balancer-internal': 'true' }],
    [{ 'oci.oraclecloud.com/load-balancer-type': 'nlb', [nlb]: 'true' }],
  ])('passes with %j', (annotations) => expectNoFindings(service(annotations)));

  test('passes in front of a gateway that asks for tokens', () => {
    const build = (inboundAuth: IInboundAuth) => (stack: TerraformStack) => {
      new McpGateway(stack, 'Gateway', { image, hosting: new OkeHosting({ cluster: cluster(stack) }), inboundAuth });
      service(tls, { 'app.kubernetes.io/name': 'gateway' })(stack);
    };
    expectNoFindings(build(jwt));
    expect(found(build(InboundAuth.none()))).toHaveLength(2);
  });
});

test('a public hosted application is found without tokens of a domain', () => {
  const build =
    (inboundAuthConfig?: object, endpointMode = 'PUBLIC') =>
    (stack: TerraformStack) => {
      new GenerativeAiHostedApplication(stack, 'Application', {
        compartmentId,
        displayName: 'mcp',
        ...(inboundAuthConfig && { inboundAuthConfig: inboundAuthConfig as never }),
        networkingConfig: {
          inboundNetworkingConfig: { endpointMode },
          outboundNetworkingConfig: { networkMode: 'MANAGED' },
        },
      });
    };
  expect(findingsOf(build())).toEqual([
    '[stack/Application] MCP001 Public endpoint without authentication: a public hosted application without tokens of an identity domain',
  ]);
  const idcsConfig = { domainUrl: 'https://idcs.example', audience: 'mcp', scope: 'use' };
  expectNoFindings(build({ inboundAuthConfigType: 'IDCS_AUTH_CONFIG', idcsConfig }));
  expectNoFindings(build(undefined, 'PRIVATE'));
});

test('a Container Instance with a public address is found', () => {
  const build = (isPublicIpAssigned: boolean) => (stack: TerraformStack) => {
    new ContainerInstancesContainerInstance(stack, 'Instance', {
      compartmentId,
      availabilityDomain: 'AD-1',
      shape: 'CI.Standard.E4.Flex',
      shapeConfig: { ocpus: 1 },
      vnics: [{ subnetId, isPublicIpAssigned }],
      containers: [{ imageUrl: image }],
    });
  };
  expect(findingsOf(build(true))).toEqual([
    '[stack/Instance] MCP001 Public endpoint without authentication: a Container Instance with a public address',
  ]);
  expectNoFindings(build(false));
});
