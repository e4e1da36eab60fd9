import type { IConstruct } from 'constructs';
import {
  type BlockArguments,
  blocksAt,
  type SynthesizedApp,
  type SynthesizedBlock,
  textAt,
} from '../core/synthesized-app';
import { isGateway } from '../gateway/mcp-gateway';
import { areGuarded, constructsAt, selectedPods } from './addresses';
import { balancedServicesOf, loadBalancersOf } from './load-balancers';
import type { Finding, Rule } from './rule';

/** What may answer everybody: how to get a token, and whether somebody is there. */
const openPath = /\/\.well-known\/|\/(health|healthz|live|livez|ready|readyz)$/;
const openMethods = ['GET', 'HEAD', 'OPTIONS'];

/** What browsers ask before they send a token. */
const preflight = 'OPTIONS';

/** Whoever reaches an endpoint without authentication may call every tool behind it. */
export const authentication: Rule = {
  id: 'MCP001',
  title: 'Public endpoint without authentication',
  why: 'Whoever reaches it may call every tool behind it, with the permissions of the servers.',
  fix: 'check tokens in front, with ApiGatewayEdge or InboundAuth.jwt(…), or make the endpoint private',
  check: ({ app }) => [
    ...gateways(app),
    ...apiDeployments(app),
    ...balancers(app),
    ...services(app),
    ...hostedApplications(app),
    ...instances(app),
  ],
};

/** In a hosted application the service has checked the token before the gateway sees a request. */
function gateways(app: SynthesizedApp): Finding[] {
  const hosted = new Set(app.resources('oci_generative_ai_hosted_deployment').map(({ construct }) => construct));
  return app.stacks
    .flatMap(({ stack }) => stack.node.findAll())
    .filter((construct) => isGateway(construct) && construct.inboundAuth.anonymous)
    .filter(({ node }) => node.defaultChild === undefined || !hosted.has(node.defaultChild))
    .map((construct) => ({
      construct,
      found: 'a gateway with InboundAuth.none()',
      fix: 'pass inboundAuth: InboundAuth.jwt({ issuer, audiences, jwksUri })',
    }));
}

/**
 * A deployment without authentication policy answers everybody, and with one those routes do that say so.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayaddingauthzauthn.htm
 */
function apiDeployments(app: SynthesizedApp): Finding[] {
  return app.resources('oci_apigateway_deployment').flatMap((block) =>
    blocksAt(block.arguments, 'specification').flatMap((specification) => {
      const isAuthenticated = asksForCredentials(specification);
      return blocksAt(specification, 'routes')
        .filter((route) => textAt(route, 'backend', 'type') !== 'STOCK_RESPONSE_BACKEND')
        .filter((route) => !isAuthenticated || isAnonymous(route))
        .filter(
          (route) =>
            !isOpen(block, route) && !areGuarded(constructsAt(app, block.stack, textAt(route, 'backend', 'url') ?? '')),
        )
        .map((route) => ({
          construct: block.construct,
          found: `route ${textAt(route, 'path')} answers without credentials${reachOf(app, block)}`,
          fix: 'give the deployment an authentication policy and the route no anonymous authorization, as ApiGatewayEdge does',
        }));
    }),
  );
}

function asksForCredentials(specification: BlockArguments): boolean {
  const policies = blocksAt(specification, 'request_policies');
  return (
    blocksAt(policies, 'authentication').length > 0 ||
    blocksAt(policies, 'dynamic_authentication').length > 0 ||
    blocksAt(policies, 'mutual_tls').some((tls) => tls['is_verified_certificate_required'] === true)
  );
}

function isAnonymous(route: BlockArguments): boolean {
  return textAt(route, 'request_policies', 'authorization', 'type') === 'ANONYMOUS';
}

function isOpen({ arguments: deployment }: SynthesizedBlock, route: BlockArguments): boolean {
  const methods = [route['methods'] ?? 'ANY'].flat().map(String);
  if (methods.every((method) => method === preflight)) return true;
  const path = `${textAt(deployment, 'path_prefix')}${textAt(route, 'path')}`;
  return openPath.test(path) && methods.every((method) => openMethods.includes(method));
}

function reachOf(app: SynthesizedApp, deployment: SynthesizedBlock): string {
  const gateway = app.referenceOf(deployment.stack, deployment.arguments['gateway_id']);
  const type = gateway && textAt(gateway.arguments, 'endpoint_type');
  if (type === undefined) return '';
  return type === 'PUBLIC' ? ' on the internet' : ' in the network of the API gateway';
}

/** A load balancer lets everybody pass: what is behind it has to ask. */
function balancers(app: SynthesizedApp): Finding[] {
  return loadBalancersOf(app)
    .filter(({ isPublic }) => isPublic)
    .filter(
      ({ block, backends }) =>
        !isGuarded(
          block,
          backends.map(({ holder }) => holder?.construct),
        ),
    )
    .map(({ block }) => ({
      construct: block.construct,
      found: 'a public load balancer in front of something else than a gateway that asks for tokens',
    }));
}

/** An edge says of its target how it asks for tokens; what somebody else put behind it too has to ask itself. */
function isGuarded({ construct }: SynthesizedBlock, behind: readonly (IConstruct | undefined)[]): boolean {
  const known = behind.filter((each) => each !== undefined);
  return areGuarded([construct]) ? known.length === 0 || areGuarded(known) : areGuarded(behind);
}

function services(app: SynthesizedApp): Finding[] {
  return balancedServicesOf(app)
    .filter(({ isPublic }) => isPublic)
    .filter(
      ({ block }) =>
        !isGuarded(
          block,
          selectedPods(app, block).map((pods) => pods.block.construct),
        ),
    )
    .map(({ block, isNetwork }) => ({
      construct: block.construct,
      found: 'a Service with a public load balancer in front of something else than a gateway that asks for tokens',
      fix: `annotate it with ${isNetwork ? 'oci-network-load-balancer.oraclecloud.com/internal' : 'service.beta.kubernetes.io/oci-load-balancer-internal'}: "true", or put a gateway behind it`,
    }));
}

function hostedApplications(app: SynthesizedApp): Finding[] {
  return app
    .resources('oci_generative_ai_hosted_application')
    .filter(({ arguments: application }) => {
      const endpoint = blocksAt(application, 'networking_config', 'inbound_networking_config')[0];
      const isPrivate = textAt(endpoint, 'endpoint_mode') === 'PRIVATE';
      return (
        !isPrivate && textAt(application, 'inbound_auth_config', 'inbound_auth_config_type') !== 'IDCS_AUTH_CONFIG'
      );
    })
    .map(({ construct }) => ({
      construct,
      found: 'a public hosted application without tokens of an identity domain',
      fix: 'pass auth: HostedApplicationAuth.identityDomain(…) or HostedApplicationAuth.ociSignature()',
    }));
}

function instances(app: SynthesizedApp): Finding[] {
  return app
    .resources('oci_container_instances_container_instance')
    .filter((block) => blocksAt(block.arguments, 'vnics').some((vnic) => vnic['is_public_ip_assigned'] === true))
    .filter(({ construct }) => !areGuarded([construct]))
    .map(({ construct }) => ({
      construct,
      found: 'a Container Instance with a public address',
      fix: 'set is_public_ip_assigned to false, and let clients come through an edge',
    }));
}
