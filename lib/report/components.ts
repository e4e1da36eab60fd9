import type { IConstruct } from 'constructs';
import { partsOf, type RulePart, type ToolRule } from 'oci-mcp-gateway/config';
import { resolvedText } from '../core/references';
import type { SynthesizedApp, SynthesizedStack } from '../core/synthesized-app';
import { type ConnectedServer, type IMcpGateway, isGateway } from '../gateway/mcp-gateway';
import type { IMcpServer } from '../mcp/imcp-server';
import { McpTransport } from '../mcp/mcp-transport';
import type {
  AuthenticationEntry,
  CallEntry,
  GatewayEntry,
  HostEntry,
  ServerEntry,
  ToolEntry,
} from './platform-document';
import { distinct, readable, sorted } from './readable';

/** Something with an MCP endpoint: a server, a gateway, an edge. */
export interface Component extends IConstruct {
  readonly endpoint: IMcpServer['endpoint'];
}

/** The servers, gateways and calls of an app, read from its constructs. */
export class Components {
  public readonly gateways: readonly IMcpGateway[];
  private readonly servers: readonly IMcpServer[];

  public constructor(private readonly app: SynthesizedApp) {
    const constructs = app.stacks.flatMap(({ stack }) => stack.node.findAll());
    this.gateways = constructs.filter(isGateway);
    this.servers = constructs.filter((construct): construct is IMcpServer => isServer(construct));
  }

  public serverEntries(): ServerEntry[] {
    return sorted(
      this.servers.map((server) => ({
        path: server.node.path,
        name: server.serverName,
        ...(server.description && { description: server.description }),
        transport: server.endpoint.transport,
        ...optional('url', this.urlOf(server)),
        ...optional('host', this.hostOf(server)),
      })),
    );
  }

  public gatewayEntries(): GatewayEntry[] {
    return sorted(
      this.gateways.map((gateway) => ({
        path: gateway.node.path,
        url: this.urlOf(gateway) ?? '',
        ...optional('host', this.hostOf(gateway)),
        authentication: this.authenticationOf(gateway),
      })),
    );
  }

  public callEntries(): CallEntry[] {
    return sorted(
      this.gateways.flatMap((gateway) => gateway.servers.map((connected) => this.callOf(gateway, connected))),
    );
  }

  /** Servers, gateways and edges that have this host name. */
  public named(host: string | undefined): Component[] {
    const constructs = this.app.stacks.flatMap(({ stack }) => stack.node.findAll());
    return constructs
      .filter((construct): construct is Component => 'endpoint' in construct && 'connections' in construct)
      .filter((component) => {
        const url = this.urlOf(component);
        return host !== undefined && url !== undefined && URL.canParse(url) && new URL(url).host === host;
      });
  }

  /** How clients of a gateway prove themselves, as the gateway is told. */
  public authenticationOf(gateway: IMcpGateway): AuthenticationEntry {
    const { inboundAuth } = gateway;
    if (inboundAuth.anonymous) return { method: 'none' };
    const config = inboundAuth.renderConfig(() => '');
    const texts = (value: unknown) => this.textsOf(gateway, value);
    return {
      method: config.static_tokens_file === undefined ? 'tokens of an issuer' : 'static tokens',
      ...listed('issuers', texts(config.jwt_issuer)),
      ...listed('audiences', texts(config.jwt_audience)),
      ...listed('requiredScopes', texts(config.required_scopes)),
      ...listed('tools', toolEntries(config.tool_scopes ?? {})),
    };
  }

  /** Where a component answers, as Terraform gets it with readable references. */
  public urlOf({ node, endpoint }: Component): string | undefined {
    if (endpoint.transport === McpTransport.STDIO) return undefined;
    const stack = this.stackOf(node.path);
    const construct = node.scopes.at(-1);
    if (stack === undefined || construct === undefined) return undefined;
    return readable(this.app, stack, resolvedText(construct, endpoint.url));
  }

  private callOf(gateway: IMcpGateway, { server, allowedTools = ['*'] }: ConnectedServer): CallEntry {
    const encrypted = isEncrypted(this.urlOf(server));
    return {
      from: gateway.node.path,
      to: server.node.path,
      tools: distinct([...allowedTools]),
      ...optional('encrypted', encrypted),
    };
  }

  private hostOf({ node }: IConstruct): HostEntry | undefined {
    const blocks = this.stackOf(node.path)?.resources.values() ?? [];
    const block = [...blocks].find(({ construct }) => construct === node.defaultChild);
    return block && { type: block.type, address: block.address };
  }

  private textsOf({ node }: IConstruct, value: unknown): string[] {
    const stack = this.stackOf(node.path);
    const construct = node.scopes.at(-1);
    if (stack === undefined || construct === undefined) return [];
    const texts = [value ?? []].flat().filter((text): text is string => typeof text === 'string');
    return distinct(texts.map((text) => readable(this.app, stack, resolvedText(construct, text))));
  }

  private stackOf(path: string): SynthesizedStack | undefined {
    return this.app.stacks.find(({ stack }) => path === stack.node.path || path.startsWith(`${stack.node.path}/`));
  }
}

/** Attributes in which services of OCI tell their own URLs, which are all https. */
const serviceUrl = /^\$\{[^}]+\.(endpoint|invoke_endpoint|model_deployment_url)\}/;

/** Whether a URL is one of TLS; undefined without one and for what only Terraform knows. */
export function isEncrypted(url: string | undefined): boolean | undefined {
  if (url !== undefined && serviceUrl.test(url)) return true;
  const scheme = /^(https?):\/\//i.exec(url ?? '')?.[1];
  return scheme === undefined ? undefined : scheme.toLowerCase() === 'https';
}

/** The server, gateway or edge of which a construct is part. A server made below a gateway is still one of its own. */
export function componentAround(construct: IConstruct): Component | undefined {
  const around = construct.node.scopes.filter(
    (scope): scope is Component => 'endpoint' in scope && 'connections' in scope,
  );
  return around.findLast((each) => isServer(each) || isGateway(each)) ?? around[0];
}

/** The path by which a construct is known to its users: that of the component, database or cache of which it is part. */
export function ownerPath(construct: IConstruct): string {
  const connectable = construct.node.scopes.find((scope) => 'connections' in scope);
  return (componentAround(construct) ?? connectable ?? construct).node.path.replace(/\/Resource$/, '');
}

/** A field, or nothing where there is no value. */
export function optional<K extends string, T>(name: K, value: T | undefined): { [name in K]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: T });
}

function listed<K extends string, T>(name: K, values: readonly T[]): { [name in K]?: readonly T[] } {
  return optional(name, values.length > 0 ? values : undefined);
}

export function isServer(construct: IConstruct): boolean {
  return 'serverName' in construct && 'endpoint' in construct && 'grantInvoke' in construct;
}

function toolEntries(rules: { readonly [tool: string]: ToolRule }): ToolEntry[] {
  return sorted(
    Object.entries(rules).flatMap(([tool, rule]) => partsOf(rule).flatMap((part) => entriesOf(tool, part))),
  );
}

/** One entry for what is needed in any case, and one for what is chosen from. */
function entriesOf(tool: string, { member, allOf, anyOf, claims }: RulePart): ToolEntry[] {
  const access = optional('access', member);
  const claimed = distinct(claims.map(([claim]) => claim));
  const needed = { tool, scopes: distinct([...allOf]), anyOf: false, ...access, ...listed('claims', claimed) };
  const chosen = { tool, scopes: distinct([...anyOf]), anyOf: true, ...access };
  if (anyOf.length === 0) return [needed];
  return allOf.length > 0 || claims.length > 0 ? [needed, chosen] : [chosen];
}
