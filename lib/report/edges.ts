import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import {
  type BlockArguments,
  blocksAt,
  type SynthesizedApp,
  type SynthesizedBlock,
  textAt,
} from '../core/synthesized-app';
import { isGateway } from '../gateway/mcp-gateway';
import { Components, componentAround, isEncrypted, isServer, optional, ownerPath } from './components';
import type { EdgeEntry, RouteEntry } from './platform-document';
import { distinct, nearest, readable, sorted } from './readable';

/** Resources that take calls for others, what they listen on, and what is behind them. */
const balancers = [
  { kind: 'load balancer', type: 'oci_load_balancer_load_balancer', part: 'oci_load_balancer', id: 'load_balancer_id' },
  {
    kind: 'network load balancer',
    type: 'oci_network_load_balancer_network_load_balancer',
    part: 'oci_network_load_balancer',
    id: 'network_load_balancer_id',
  },
] as const;

/** What makes the load balancer of a Service private: each kind has a word of its own, and takes no other. */
const internalAnnotations = {
  lb: 'service.beta.kubernetes.io/oci-load-balancer-internal',
  nlb: 'oci-network-load-balancer.oraclecloud.com/internal',
} as const;

/** Everything that takes calls for others, whoever made it. What one edge is made of is one entry. */
export function edgeEntries(app: SynthesizedApp): EdgeEntry[] {
  const parts = [
    ...app.resources('oci_apigateway_deployment').map((block) => apiEdge(app, block)),
    ...balancers.flatMap((kind) => app.resources(kind.type).map((block) => balancerEdge(app, block, kind))),
    ...app
      .resources('kubernetes_service', 'kubernetes_service_v1')
      .filter((block) => textAt(block.arguments, 'spec', 'type') === 'LoadBalancer')
      .map((block) => serviceEdge(app, block)),
  ];
  const whole = new Map<string, EdgeEntry>();
  for (const part of parts) {
    const known = whole.get(`${part.kind} ${part.path}`);
    whole.set(`${part.kind} ${part.path}`, known === undefined ? part : merged(known, part));
  }
  return sorted([...whole.values()]);
}

function merged(a: EdgeEntry, b: EdgeEntry): EdgeEntry {
  return {
    ...b,
    ...a,
    authentication: a.authentication === 'none' ? b.authentication : a.authentication,
    leadsTo: distinct([...a.leadsTo, ...b.leadsTo]),
    routes: sorted([...a.routes, ...b.routes]),
  };
}

function apiEdge(app: SynthesizedApp, block: SynthesizedBlock): EdgeEntry {
  const gateway = app.referenceOf(block.stack, block.arguments['gateway_id']);
  const type = gateway && textAt(gateway.arguments, 'endpoint_type');
  const specification = blocksAt(block.arguments, 'specification')[0] ?? {};
  const policies = blocksAt(specification, 'request_policies');
  const authentication =
    textAt(policies, 'authentication', 'type') ??
    (blocksAt(policies, 'dynamic_authentication').length > 0 ? 'dynamic' : 'none');
  const prefix = (textAt(block.arguments, 'path_prefix') ?? '').replace(/\/$/, '');
  const routes = blocksAt(specification, 'routes');
  return {
    ...placeOf(app, block),
    kind: 'API gateway',
    ...optional('public', type === undefined ? undefined : type === 'PUBLIC'),
    authentication,
    leadsTo: targetsOf(
      app,
      block,
      routes.map((route) => backendOf(route)),
    ),
    routes: sorted(routes.map((route) => apiRoute(app, block, { route, prefix, isOpen: authentication === 'none' }))),
  };
}

function apiRoute(
  app: SynthesizedApp,
  { stack }: SynthesizedBlock,
  { route, prefix, isOpen }: { readonly route: BlockArguments; readonly prefix: string; readonly isOpen: boolean },
): RouteEntry {
  const authorization = blocksAt(route, 'request_policies', 'authorization')[0] ?? {};
  const backend = backendOf(route);
  const scopes = distinct(listOf(authorization['allowed_scope']));
  return {
    route: `${distinct(listOf(route['methods'] ?? 'ANY')).join(', ')} ${prefix}${textAt(route, 'path')}`,
    ...optional('backend', backend && readable(app, stack, backend)),
    anonymous: isOpen || authorization['type'] === 'ANONYMOUS',
    ...optional('scopes', scopes.length > 0 ? scopes : undefined),
    ...optional('encrypted', isEncrypted(backend)),
  };
}

/** URL or function behind a route; undefined for an answer of the API gateway itself. */
function backendOf(route: BlockArguments): string | undefined {
  return textAt(route, 'backend', 'url') ?? textAt(route, 'backend', 'function_id');
}

function balancerEdge(
  app: SynthesizedApp,
  block: SynthesizedBlock,
  { kind, part, id }: (typeof balancers)[number],
): EdgeEntry {
  const parts = (name: string) =>
    app
      .resources(`${part}_${name}`)
      .filter((each) => app.referenceOf(each.stack, each.arguments[id]) === block)
      .map((each) => each.arguments);
  return {
    ...placeOf(app, block),
    kind,
    public: block.arguments['is_private'] !== true,
    authentication: 'none',
    leadsTo: targetsOf(
      app,
      block,
      parts('backend').map((backend) => textAt(backend, 'ip_address')),
    ),
    routes: sorted(parts('listener').map((listener) => listenerRoute(listener))),
  };
}

function listenerRoute(listener: BlockArguments): RouteEntry {
  const hasTls = blocksAt(listener, 'ssl_configuration').length > 0;
  const isHttp = /^HTTP/.test(String(listener['protocol']));
  return {
    route: `${listener['protocol']}:${listener['port']}`,
    anonymous: true,
    ...optional('encrypted', hasTls || isHttp ? hasTls : undefined),
  };
}

function serviceEdge(app: SynthesizedApp, block: SynthesizedBlock): EdgeEntry {
  const annotations = blocksAt(block.arguments, 'metadata', 'annotations')[0] ?? {};
  const isNetwork = annotations['oci.oraclecloud.com/load-balancer-type'] === 'nlb';
  const tlsPorts = String(annotations['service.beta.kubernetes.io/oci-load-balancer-ssl-ports'] ?? '').split(',');
  return {
    ...placeOf(app, block),
    kind: 'Kubernetes load balancer',
    public: annotations[internalAnnotations[isNetwork ? 'nlb' : 'lb']] !== 'true',
    authentication: 'none',
    leadsTo: selectedBy(app, block),
    routes: sorted(
      blocksAt(block.arguments, 'spec', 'port').map(({ port, protocol = 'TCP' }) => ({
        route: `${protocol}:${port}`,
        anonymous: true,
        encrypted: tlsPorts.includes(String(port)),
      })),
    ),
  };
}

/** Components whose pods a Service selects. */
function selectedBy(app: SynthesizedApp, { arguments: service, stack }: SynthesizedBlock): string[] {
  const selector = Object.entries(blocksAt(service, 'spec', 'selector')[0] ?? {});
  const workloads = app
    .resources('kubernetes_deployment', 'kubernetes_deployment_v1', 'kubernetes_stateful_set_v1')
    .filter(({ arguments: workload }) => {
      const labels = blocksAt(workload, 'spec', 'template', 'metadata', 'labels')[0] ?? {};
      return selector.length > 0 && selector.every(([name, value]) => labels[name] === value);
    });
  return distinct(nearest(workloads, (each) => each.stack === stack).map(({ construct }) => ownerPath(construct)));
}

/** Components to which addresses, URLs or OCIDs of functions belong: by what they refer to, else by the name in the URL. */
function targetsOf(app: SynthesizedApp, block: SynthesizedBlock, texts: readonly (string | undefined)[]): string[] {
  const own = ownerPath(block.construct);
  const components = new Components(app);
  const found = texts.flatMap((text) => {
    const referred = app.referencesOf(block.stack, text).flatMap(({ construct }) => componentAround(construct) ?? []);
    if (referred.length > 0) return referred;
    return nearest(components.named(hostOf(text)), (each) => TerraformStack.of(each) === block.stack.stack);
  });
  return distinct(found.map((component) => component.node.path)).filter(
    (path) => path !== own || isPartOfTarget(block.construct),
  );
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}

/** An edge by its own path, one that belongs to a server or gateway by that of its resource: both are in the picture. */
function placeOf(app: SynthesizedApp, { construct }: SynthesizedBlock): Pick<EdgeEntry, 'path' | 'url'> {
  const component = componentAround(construct);
  const isOwn = component !== undefined && !isPartOfTarget(construct);
  const path = isOwn ? component.node.path : construct.node.path.replace(/\/Resource$/, '');
  return { path, ...optional('url', component && new Components(app).urlOf(component)) };
}

function isPartOfTarget(construct: IConstruct): boolean {
  const component = componentAround(construct);
  return component !== undefined && (isServer(component) || isGateway(component));
}

function listOf(value: unknown): string[] {
  return [value ?? []].flat().filter((text): text is string => typeof text === 'string');
}
