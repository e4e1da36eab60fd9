/** How a gateway talks to a server. The values are those of the gateway's configuration. */
export enum McpTransport {
  /** A child process of the gateway, over its standard input and output. */
  STDIO = 'stdio',
  /** One HTTP endpoint, the transport of today's servers. */
  STREAMABLE_HTTP = 'streamable_http',
  /** HTTP with server-sent events, deprecated by the specification and still found in older servers. */
  SSE = 'sse',
  /** No MCP: requests that a document describes. */
  OPENAPI = 'openapi',
}
