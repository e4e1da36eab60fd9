import { resolvedText } from '../core/references';
import { blocksAt, type SynthesizedApp, textAt } from '../core/synthesized-app';
import { isGateway } from '../gateway/mcp-gateway';
import { McpTransport } from '../mcp/mcp-transport';
import { differInSubnet, gatewayAround, holderOf, hostIn, selectedPods } from './addresses';
import { balancedServicesOf, loadBalancersOf } from './load-balancers';
import type { Finding, Rule } from './rule';

/** Where TLS is expected to pass through unopened. */
const tlsPort = 443;

/**
 * Inside a subnet or a cluster plain HTTP ends where the network rules of this library end it. What leaves them is read by
 * whoever sits on the way, tokens included.
 */
export const transport: Rule = {
  id: 'MCP007',
  title: 'Plain HTTP across subnets',
  why: 'Tokens and answers can be read and changed on the way.',
  fix: 'use https, or put both ends into one subnet or one cluster',
  check: ({ app }) => [...gateways(app), ...apiRoutes(app), ...listeners(app), ...backendSets(app), ...services(app)],
};

/** From gateways to their servers. */
function gateways(app: SynthesizedApp): Finding[] {
  return app.stacks.flatMap((stack) =>
    stack.stack.node
      .findAll()
      .filter(isGateway)
      .flatMap((gateway) => {
        const caller = [...stack.resources.values()].find(({ construct }) => construct === gateway.node.defaultChild);
        return gateway.servers.flatMap(({ server: { endpoint, node } }): Finding[] => {
          if (endpoint.transport === McpTransport.STDIO) return [];
          const url = resolvedText(gateway, endpoint.url);
          return crosses(app, { stack, caller, url })
            ? [
                {
                  construct: gateway,
                  found: `plain HTTP to ${node.path}, which is in another subnet or not made by this app`,
                },
              ]
            : [];
        });
      }),
  );
}

function apiRoutes(app: SynthesizedApp): Finding[] {
  return app.resources('oci_apigateway_deployment').flatMap((block) => {
    const caller = app.referenceOf(block.stack, block.arguments['gateway_id']);
    const paths = blocksAt(block.arguments, 'specification', 'routes')
      .filter((route) => crosses(app, { stack: block.stack, caller, url: textAt(route, 'backend', 'url') ?? '' }))
      .map((route) => textAt(route, 'path'));
    if (paths.length === 0) return [];
    const found = `plain HTTP from the API gateway to what is behind ${paths.join(', ')}, in another subnet or not made by this app`;
    return [{ construct: block.construct, found }];
  });
}

/** An unknown subnet of a resource of this app is no finding: synth cannot tell it from the caller's. */
function crosses(app: SynthesizedApp, { stack, caller, url }: Call): boolean {
  if (!/^http:\/\//i.test(url)) return false;
  const host = hostIn(url);
  if (/\.svc(\.cluster\.local)?$/.test(host)) return false;
  const callee = holderOf(app, stack, url);
  return callee === undefined || (caller !== undefined && differInSubnet(app, caller, callee));
}

interface Call {
  readonly stack: SynthesizedApp['stacks'][number];
  readonly caller?: ReturnType<typeof holderOf>;
  readonly url: string;
}

/** A load balancer is called from other subnets, else nobody would need one; a private network load balancer is not always. */
function listeners(app: SynthesizedApp): Finding[] {
  return loadBalancersOf(app).flatMap((balancer) =>
    balancer.listeners
      .filter((listener) => blocksAt(listener.arguments, 'ssl_configuration').length === 0)
      .filter((listener) => !redirects(app, listener))
      .filter((listener) => {
        const isHttp = /^HTTP/i.test(textAt(listener.arguments, 'protocol') ?? '');
        const isOpen =
          balancer.isPublic && (listener.arguments['port'] !== tlsPort || balancer.backends.some(holdsGateway));
        return isHttp || isOpen;
      })
      .map(({ construct }) => ({
        construct,
        found: `a listener without TLS on a ${balancer.isPublic ? 'public' : 'private'} load balancer`,
        fix: 'give the listener a certificate, as LoadBalancerEdge does',
      })),
  );
}

/** A listener that only sends its callers to https. */
function redirects(app: SynthesizedApp, listener: ReturnType<SynthesizedApp['resources']>[number]): boolean {
  const sets = [listener.arguments['rule_set_names'] ?? []].flat();
  return sets.some((name) =>
    app
      .resources('oci_load_balancer_rule_set')
      .filter((set) => app.referenceOf(listener.stack, name) === set || textAt(set.arguments, 'name') === name)
      .some((set) => blocksAt(set.arguments, 'items').some(({ action }) => action === 'REDIRECT')),
  );
}

/** From load balancers to what is behind them, where both are known. */
function backendSets(app: SynthesizedApp): Finding[] {
  return loadBalancersOf(app).flatMap(({ block, backendSets: sets, backends }) =>
    sets
      .filter((set) => blocksAt(set.arguments, 'ssl_configuration').length === 0)
      .filter((set) =>
        backends.some(
          ({ set: name, holder }) =>
            holder !== undefined &&
            (set.arguments['name'] === name || app.referenceOf(block.stack, name) === set) &&
            differInSubnet(app, block, holder),
        ),
      )
      .map(({ construct }) => ({
        construct,
        found: 'plain HTTP from the load balancer to backends in another subnet',
        fix: 'put the load balancer into the subnet of its backends, or give the backend set TLS',
      })),
  );
}

/** As with load balancers that are resources: one of Kubernetes ends TLS by annotation, one of packets never does. */
function services(app: SynthesizedApp): Finding[] {
  return balancedServicesOf(app)
    .filter(({ block, isNetwork, isPublic, annotations }) => {
      if (!isNetwork) return annotations['service.beta.kubernetes.io/oci-load-balancer-ssl-ports'] === undefined;
      const isPlain = selectedPods(app, block).some((pods) => gatewayAround(pods.block.construct) !== undefined);
      const ports = blocksAt(block.arguments, 'spec', 'port');
      return isPublic && (isPlain || ports.some(({ port }) => port !== tlsPort));
    })
    .map(({ block }) => ({
      construct: block.construct,
      found: 'a Service whose load balancer takes plain HTTP',
      fix: 'give it TLS with service.beta.kubernetes.io/oci-load-balancer-ssl-ports and a certificate, as LoadBalancerEdge does',
    }));
}

function holdsGateway({
  holder,
}: {
  readonly holder?: { readonly construct: Parameters<typeof gatewayAround>[0] };
}): boolean {
  return gatewayAround(holder?.construct) !== undefined;
}
