import type { HttpBackend } from '../config/backend.js';
import { ownHeaders } from '../config/header-names.js';

/** Headers that no argument can set, besides those of the connection: they say who asks, or how an answer is read. */
const reserved = new Set([
  ...['authorization', 'proxy-authorization', 'date', 'x-date', 'x-content-sha256', 'traceparent', 'tracestate'],
  ...['accept-encoding', 'content-encoding', 'expect', 'proxy-connection', 'te', 'trailer'],
]);

/** Tells whether the gateway sets a header of requests to a backend, whatever the document and a caller say. */
export function setHeaders({ headers, api_key_header }: HttpBackend): (name: string) => boolean {
  const configured = new Set([api_key_header, ...Object.keys(headers)].map((name) => name.toLowerCase()));
  return (name) => ownHeaders.has(name) || reserved.has(name) || configured.has(name) || !isHeaderName(name);
}

function isHeaderName(name: string): boolean {
  return /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name);
}
