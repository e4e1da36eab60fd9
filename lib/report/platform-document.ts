/** Version of {@link PlatformDocument}. A new field keeps it, a changed or removed one raises it. */
export const documentVersion = 1;

/**
 * What `mcp-platform.json` holds. Lists are sorted. References are readable: `${<path of the construct>.<attribute>}` in place of
 * Terraform's own address. Nothing in it is secret.
 */
export interface PlatformDocument {
  readonly version: typeof documentVersion;
  readonly servers: readonly ServerEntry[];
  readonly gateways: readonly GatewayEntry[];
  readonly edges: readonly EdgeEntry[];
  /** Clients of identity domains that the app makes, and what they may call. */
  readonly clients: readonly ClientEntry[];
  /** Who calls which MCP endpoint. */
  readonly calls: readonly CallEntry[];
  /** What network rules let pass. */
  readonly paths: readonly PathEntry[];
  readonly statements: readonly StatementEntry[];
  readonly dynamicGroups: readonly DynamicGroupEntry[];
  readonly secrets: readonly SecretEntry[];
  readonly suppressions: readonly SuppressionEntry[];
}

/** Where something runs. */
export interface HostEntry {
  /** Type of the resource: `kubernetes_deployment_v1`. */
  readonly type: string;
  /** Address in its stack: `kubernetes_deployment_v1.Logs_Deployment_1A2B`. */
  readonly address: string;
}

export interface ServerEntry {
  /** Path of the construct. */
  readonly path: string;
  /** Name of the backend. */
  readonly name: string;
  readonly description?: string;
  readonly transport: string;
  /** Undefined for a child process of the gateway. */
  readonly url?: string;
  /** Undefined for what the app does not run. */
  readonly host?: HostEntry;
}

export interface GatewayEntry {
  readonly path: string;
  readonly url: string;
  readonly host?: HostEntry;
  readonly authentication: AuthenticationEntry;
}

/** How clients prove themselves, and what they need for which tool. */
export interface AuthenticationEntry {
  readonly method: 'none' | 'static tokens' | 'tokens of an issuer';
  readonly issuers?: readonly string[];
  readonly audiences?: readonly string[];
  /** Scopes that every token must have. */
  readonly requiredScopes?: readonly string[];
  /** Scopes by tool; once there is one, tools that none names are denied. */
  readonly tools?: readonly ToolEntry[];
}

export interface ToolEntry {
  /** Name of a tool as clients see it, or a pattern with `*`. */
  readonly tool: string;
  readonly scopes: readonly string[];
  /** Whether one of the scopes is enough. */
  readonly anyOf: boolean;
  /** The only tools meant: those that say they only read, or all others. Undefined for both. */
  readonly access?: 'read' | 'write';
  /** Claims that a token needs besides. */
  readonly claims?: readonly string[];
}

export interface EdgeEntry {
  readonly path: string;
  readonly kind: 'API gateway' | 'load balancer' | 'network load balancer' | 'Kubernetes load balancer';
  /** Undefined where only the service knows it. */
  readonly url?: string;
  /** Whether the internet reaches it. Undefined where the app does not make it. */
  readonly public?: boolean;
  /** How it asks clients for credentials, as OCI calls it; `none` for what lets everybody pass. */
  readonly authentication: string;
  /** Paths of the servers, gateways and edges behind it. */
  readonly leadsTo: readonly string[];
  readonly routes: readonly RouteEntry[];
}

export interface RouteEntry {
  /** `POST /mcp` on an API gateway, `HTTP:443` on a load balancer. */
  readonly route: string;
  /** Where it leads. Undefined for an answer of the edge itself and for what a load balancer decides. */
  readonly backend?: string;
  /** Whether it answers without credentials. */
  readonly anonymous: boolean;
  /** One of which a token must have. */
  readonly scopes?: readonly string[];
  readonly encrypted?: boolean;
}

export interface ClientEntry {
  readonly path: string;
  readonly grants: readonly string[];
  readonly scopes: readonly string[];
  /** Tools it may call, by the path of the gateway; `*` for all of them. */
  readonly tools: { readonly [gateway: string]: readonly string[] };
  /** Tools among those that it may not call, since another rule matches them too. Undefined where there are none. */
  readonly except?: { readonly [gateway: string]: readonly string[] };
}

export interface CallEntry {
  /** Path of the gateway. */
  readonly from: string;
  /** Path of the server. */
  readonly to: string;
  /** The server's own names of the tools that are exposed; `*` for all of them. */
  readonly tools: readonly string[];
  /** Whether the way is encrypted. Undefined for a child process. */
  readonly encrypted?: boolean;
}

export interface PathEntry {
  /** Path of a construct, or addresses in CIDR notation. */
  readonly from: string;
  readonly to: string;
  /** `TCP 443`. */
  readonly port: string;
  /** By the URL of what is called; port 443 counts as encrypted. Undefined where synth cannot know. */
  readonly encrypted?: boolean;
}

export interface StatementEntry {
  readonly statement: string;
  /** Path of the policy. */
  readonly policy: string;
  /** Paths of the constructs that act with it. */
  readonly grantees: readonly string[];
  /** Paths of the constructs for whose sake it exists. */
  readonly askedBy: readonly string[];
}

export interface DynamicGroupEntry {
  readonly path: string;
  readonly matchingRule: string;
}

export interface SecretEntry {
  /** OCID of a secret in Vault, or `<namespace>/<name>` of a Kubernetes Secret. Never a value. */
  readonly secret: string;
  readonly kind: 'Vault' | 'Kubernetes';
  /** Paths of the constructs that refer to it. */
  readonly usedBy: readonly string[];
}

export interface SuppressionEntry {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}
