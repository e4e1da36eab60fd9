import { Lazy, TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import type { McpEndpoint } from './mcp-endpoint';
import type { CommandSource, ImageSource, McpServerSource, ScoreArtifactSource } from './mcp-server-source';
import { McpTransport } from './mcp-transport';

/**
 * What a construct is, as the synthesized stack tells it below `//.mcp.components`. Terraform does not read that; the command
 * line does, which knows no constructs. References are Terraform's own expressions. Nothing in it is secret.
 */
export interface ComponentRecord {
  /** Path of the construct. */
  readonly path: string;
  /** Path of the construct whose resource runs it. @default - it has none of its own */
  readonly resource?: string;
  readonly transport?: McpTransport;
  /** Where it answers. @default - it is a child process, or answers nobody */
  readonly url?: string;
  /** Name of the backend; the mark of a server. @default - it is no server */
  readonly serverName?: string;
  readonly description?: string;
  /** How its clients prove themselves. @default - not known */
  readonly inboundAuth?: RecordedAuth;
  /** Servers behind it; the mark of a gateway. @default - it is no gateway */
  readonly servers?: readonly RecordedBackend[];
  /** What a gateway is told, with `$` doubled in front of braces that are no reference. @default - it is no gateway */
  readonly gateway?: RecordedGateway;
  /** Scopes that the gateway's own tools need. @default - it offers none */
  readonly gatewayToolScopes?: readonly string[];
  /** What a server runs. @default - what the app does not run */
  readonly source?: RecordedSource;
  /** Environment of the server. @default - none */
  readonly environment?: { readonly [name: string]: string };
  /** Names of the variables that hold secrets. @default - none */
  readonly secretEnvironment?: readonly string[];
}

/** What a server runs. */
export type RecordedSource =
  | Pick<ImageSource, 'kind' | 'image' | 'command' | 'args'>
  | CommandSource
  | Pick<ScoreArtifactSource, 'kind' | 'server'>;

/** The configuration of a gateway as its files hold it: `gateway.json`, and one file for each backend. */
export interface RecordedGateway {
  readonly settings: { readonly [field: string]: unknown };
  readonly backends: readonly RecordedBackendConfig[];
}

/** A backend in the configuration of a gateway. */
export interface RecordedBackendConfig {
  readonly name: string;
  readonly transport?: string;
  readonly [field: string]: unknown;
}

/** How clients prove themselves, with the gateway's own `auth` section. */
export interface RecordedAuth {
  readonly anonymous: boolean;
  readonly config: object;
}

/** A server behind a gateway. */
export interface RecordedBackend {
  readonly name: string;
  /** Path of the server. */
  readonly path: string;
  readonly allowedTools?: readonly string[];
}

/** What a component alone knows about itself. */
export interface OwnFacts {
  readonly gateway?: () => { readonly settings: object; readonly backends: readonly object[] };
  readonly source?: McpServerSource;
  readonly environment?: { readonly [name: string]: string };
  readonly secretEnvironment?: { readonly [name: string]: unknown };
}

const recordedStacks = new WeakSet<TerraformStack>();
const ownFacts = new WeakMap<IConstruct, OwnFacts>();

/** Has the stack of a component tell what it is made of, once it is synthesized. */
export function recordComponent(construct: IConstruct, facts: OwnFacts = {}): void {
  ownFacts.set(construct, facts);
  const stack = TerraformStack.of(construct);
  if (recordedStacks.has(stack)) return;
  recordedStacks.add(stack);
  stack.addOverride('//.mcp.components', Lazy.anyValue({ produce: () => componentsOf(stack) }));
}

/** The parts of a construct that say what it is; what is not a component has none of them. */
interface Described extends IConstruct {
  readonly endpoint?: McpEndpoint;
  readonly serverName?: string;
  readonly description?: string;
  readonly inboundAuth?: { readonly anonymous: boolean; renderConfig(mount: () => string): object };
  readonly servers?: readonly {
    readonly name: string;
    readonly server: IConstruct;
    readonly allowedTools?: readonly string[];
  }[];
  readonly gatewayToolScopes?: readonly string[];
}

/** Everything that takes part in network paths: servers, gateways, edges, databases, caches. */
function componentsOf(stack: TerraformStack): ComponentRecord[] {
  return stack.node
    .findAll()
    .filter((construct): construct is Described => 'connections' in construct)
    .map((construct) => recordOf(construct))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function recordOf(construct: Described): ComponentRecord {
  const { node, endpoint, serverName, description, inboundAuth, servers, gatewayToolScopes } = construct;
  const { source, environment, secretEnvironment, gateway } = ownFacts.get(construct) ?? {};
  return {
    path: node.path,
    resource: node.defaultChild?.node.path,
    transport: endpoint?.transport,
    url: endpoint === undefined || endpoint.transport === McpTransport.STDIO ? undefined : endpoint.url,
    serverName,
    description,
    inboundAuth: inboundAuth && { anonymous: inboundAuth.anonymous, config: inboundAuth.renderConfig(() => '') },
    servers: servers?.map(({ name, server, allowedTools }) => ({ name, path: server.node.path, allowedTools })),
    gateway: gateway?.() as RecordedGateway | undefined,
    gatewayToolScopes,
    source: source && recordedSource(source),
    environment,
    secretEnvironment: secretEnvironment && Object.keys(secretEnvironment),
  };
}

/** Without what Terraform has no text for, and without folders of the machine that synthesizes. */
function recordedSource(source: McpServerSource): RecordedSource {
  if (source.kind === 'image') {
    const { kind, image, command, args } = source;
    return { kind, image, command, args };
  }
  return source.kind === 'command' ? source : { kind: source.kind, server: source.server };
}
