import type { Wish } from './given-names.js';

/** Begins URIs that say which backend serves them: `mcp-gateway://<backend>/<its own URI>`. */
const scheme = 'mcp-gateway://';

/** A URI, or a template of URIs, that names its backend. It is one as the backend's own is one. */
export function qualifiedUri(backend: string, uri: string): string {
  return `${scheme}${backend}/${uri}`;
}

/** What a qualified URI says; `undefined` for any other. */
export function partsOfUri(uri: string): { readonly backend: string; readonly original: string } | undefined {
  if (!uri.startsWith(scheme)) return undefined;
  const end = uri.indexOf('/', scheme.length);
  return end < 0 ? undefined : { backend: uri.slice(scheme.length, end), original: uri.slice(end + 1) };
}

/** What a resource or template of a backend is to be called: as the backend calls it, unless another one has that. */
export function uriWish(backend: string, uri: string): Wish {
  return { backend, original: uri, certain: qualifiedUri(backend, uri), better: uri };
}
