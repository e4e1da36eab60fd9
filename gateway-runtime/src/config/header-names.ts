/** The form of a header's name. */
export const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Headers that the gateway sets itself, in lower case. */
export const ownHeaders = new Set([
  ...['accept', 'connection', 'content-length', 'content-type', 'host', 'keep-alive', 'transfer-encoding', 'upgrade'],
  ...['mcp-session-id', 'mcp-protocol-version', 'mcp-method', 'mcp-name', 'last-event-id'],
]);
