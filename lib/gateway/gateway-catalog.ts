import type { GatewayConfigInput } from 'oci-mcp-gateway/config';
import type { IMcpServer } from '../mcp/imcp-server';

/** A part of what a gateway offers, at a path of its own. It gives no rights: whoever uses it needs what is needed everywhere. */
export interface GatewayView {
  /** What it is for; clients are told it first. @default - nothing is said */
  readonly description?: string;
  /** Servers behind the gateway to show. @default - all of them, unless `tags` chooses */
  readonly backends?: readonly IMcpServer[];
  /** Tags of servers to show besides those, and of single tools. @default - none */
  readonly tags?: readonly string[];
  /**
   * The only tools to show of those, by the names clients see, in which `*` stands for any characters. Without `backends` and
   * `tags`, prompts and resources are left out, too. @default - all of them
   */
  readonly tools?: readonly string[];
  /** Whether two tools stand in place of all: one that finds tools, and one that calls them. @default false */
  readonly toolSearch?: boolean;
  /** Scopes that callers need here besides what is needed everywhere. @default - none */
  readonly requiredScopes?: readonly string[];
}

/** Tools of the gateway itself, by which operators look into it. */
export interface GatewayToolsOptions {
  /**
   * Scopes they need besides those that `inboundAuth` asks for; an empty list opens them to every caller. A client gets them with
   * `gateway.grantInvoke(client, { tools: ['gateway_*'], scope })`, where clients have grants.
   * @example ['operations']
   */
  readonly requiredScopes: readonly string[];
}

/** What clients of a gateway are offered, and how. */
export interface GatewayCatalogProps {
  /** Parts of what it offers, by name: each is served at `<url>/<name>`. @default - none */
  readonly views?: { readonly [name: string]: GatewayView };
  /** Whether clients see two tools in place of all: one that finds tools, and one that calls them. @default false */
  readonly toolSearch?: boolean;
  /** Items in one page of a list, 1 to 10000. Many clients read the first page only. @default 1000 */
  readonly pageSize?: number;
  /** Tools by which operators look into the gateway: its health, its backends and the last calls. @default - none */
  readonly gatewayTools?: GatewayToolsOptions;
}

type CatalogConfig = Pick<GatewayConfigInput, 'views' | 'tool_search' | 'page_size' | 'gateway_tools'>;

/**
 * The same as the gateway reads it.
 * @param nameOf The name of the backend that a server is; `undefined` when it is not behind the gateway.
 */
export function catalogConfig(
  { views, toolSearch, pageSize, gatewayTools }: GatewayCatalogProps,
  nameOf: (server: IMcpServer) => string | undefined,
): CatalogConfig {
  const viewConfig = ({ description, backends, tags, tools, toolSearch, requiredScopes }: GatewayView) => ({
    description,
    backends: backends?.map(nameOf).filter((name) => name !== undefined),
    tags: tags && [...tags],
    tools: tools && [...tools],
    tool_search: toolSearch,
    required_scopes: requiredScopes && [...requiredScopes],
  });
  return {
    views: views && Object.fromEntries(Object.entries(views).map(([name, view]) => [name, viewConfig(view)])),
    tool_search: toolSearch,
    page_size: pageSize,
    gateway_tools: gatewayTools && { enabled: true, required_scopes: [...gatewayTools.requiredScopes] },
  };
}

/** Servers that views show and that are not behind the gateway. */
export function viewFaults(
  { views = {} }: GatewayCatalogProps,
  nameOf: (server: IMcpServer) => string | undefined,
): string[] {
  return Object.entries(views).flatMap(([view, { backends = [] }]) =>
    backends
      .filter((server) => nameOf(server) === undefined)
      .map((server) => `views.${view}.backends: ${server.node.path} is not behind this gateway; pass it to addBackend`),
  );
}
