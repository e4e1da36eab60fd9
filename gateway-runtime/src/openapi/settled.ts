import type { HttpBackend } from '../config/backend.js';
import { ownHeaders } from '../config/header-names.js';
import type { ParameterPlace } from './operation.js';

/** Headers that no argument can set, besides those of the connection: they say who asks, or how an answer is read. */
const reserved = new Set([
  ...[
    'authorization',
    'proxy-authorization',
    'cookie',
    'date',
    'x-date',
    'x-content-sha256',
    'traceparent',
    'tracestate',
  ],
  ...['accept-encoding', 'content-encoding', 'expect', 'proxy-connection', 'te', 'trailer'],
]);

/** Tells whether something about requests to a backend is settled, whatever the document and a caller say. */
export type IsSettled = (place: ParameterPlace, name: string) => boolean;

/** What the gateway and its configuration say of all requests to a backend: headers, cookies, the query of its url. */
export function settledBy({ url, headers, api_key_header }: HttpBackend): IsSettled {
  const configured = new Set([api_key_header, ...Object.keys(headers)].map((name) => name.toLowerCase()));
  const query = new URL(url).searchParams;
  const isSet = (header: string) =>
    ownHeaders.has(header) || reserved.has(header) || configured.has(header) || !isHeaderName(header);
  const places: Record<ParameterPlace, (name: string) => boolean> = {
    path: () => false,
    query: (name) => query.has(name),
    header: (name) => isSet(name.toLowerCase()),
    cookie: () => configured.has('cookie'),
  };
  return (place, name) => places[place](name);
}

function isHeaderName(name: string): boolean {
  return /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name);
}
