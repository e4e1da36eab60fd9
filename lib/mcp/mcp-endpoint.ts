import type { McpTransport } from './mcp-transport';
import type { IOutboundAuth } from './outbound-auth';

/** An endpoint reached over HTTP. */
export interface HttpMcpEndpoint {
  readonly transport: McpTransport.STREAMABLE_HTTP | McpTransport.SSE;
  /** URL of the MCP endpoint, usually holding references: it is never parsed at synth. */
  readonly url: string;
  /** How a caller proves itself. @default - no credentials: the network path is the permission */
  readonly outboundAuth?: IOutboundAuth;
  /** True where every message is one POST that is answered with one JSON document: no session, no stream. @default false */
  readonly jsonOnly?: boolean;
  /** Headers of every request. Nothing in them may be secret. @default - none of its own */
  readonly headers?: { readonly [name: string]: string };
}

/** A server which its caller starts as a child process. */
export interface StdioMcpEndpoint {
  readonly transport: McpTransport.STDIO;
  /** Program to start, found in the gateway's image. */
  readonly command: string;
  readonly args: readonly string[];
  /** Environment of the process beyond the gateway's allow-list. */
  readonly environment: { readonly [name: string]: string };
}

/** Where a server answers, and how. */
export type McpEndpoint = HttpMcpEndpoint | StdioMcpEndpoint;

/** Methods of HTTP whose operations can be tools. */
export type OperationMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which operations of a document become tools: those that every given list names. */
export interface OperationChoice {
  /** Methods of HTTP: `['GET']` offers nothing that changes anything. @default - all */
  readonly methods?: readonly OperationMethod[];
  /** Tags that operations have in the document. @default - with any tags, or none */
  readonly tags?: readonly string[];
}

/** A service that speaks no MCP, described by an OpenAPI document. */
export interface OpenApiEndpoint {
  readonly transport: McpTransport.OPENAPI;
  /** URL that the paths of the document are appended to, usually holding references. */
  readonly url: string;
  /** Where the document is, or its text. */
  readonly document: { readonly url: string } | { readonly text: string };
  /** Operations that become tools. @default - all */
  readonly operations?: OperationChoice;
  /** How a caller proves itself. @default - no credentials: the network path is the permission */
  readonly outboundAuth?: IOutboundAuth;
  /** Headers of every request. Nothing in them may be secret. @default - none of its own */
  readonly headers?: { readonly [name: string]: string };
}

/** Where something answers that a gateway can put behind its endpoint. */
export type ServerEndpoint = McpEndpoint | OpenApiEndpoint;
