import type { BackendConnection } from './backend-connection.js';
import type { Entries } from './entries.js';
import { partsOfUri, qualifiedUri } from './qualified-uri.js';
import { matchesTemplate } from './uri-template.js';

/** What a URI of a client stands for. */
export interface Resource {
  readonly backend: BackendConnection;
  /** The URI by which the backend knows it. */
  readonly original: string;
}

/** The resources of several backends. */
export class Uris {
  readonly resources: Entries;
  readonly templates: Entries;
  readonly #backends: readonly BackendConnection[];
  /** What is offered under another URI than its own, by the name of its backend: the connection may be another one by now. */
  readonly #renamed = new Map<string, { resources: Map<string, string>; templates: string[] }>();

  /** @param backends Those that may have resources. */
  constructor(backends: readonly BackendConnection[], resources: Entries, templates: Entries) {
    this.#backends = backends;
    this.resources = resources;
    this.templates = templates;
    for (const { backend, original, names } of [...resources].filter(isRenamed)) {
      this.#renamedOf(backend).resources.set(original, names[0] as string);
    }
    for (const { backend, original } of [...templates].filter(isRenamed)) {
      this.#renamedOf(backend).templates.push(original);
    }
  }

  /** What a client means: by a listed URI, else by one that names its backend, else by a template, else the only one there is. */
  find(uri: string): Resource | undefined {
    const listed = this.resources.get(uri);
    if (listed) return listed;
    const parts = partsOfUri(uri);
    const named = parts && this.#backends.find(({ name }) => name === parts.backend);
    if (parts && named) return { backend: named, original: parts.original };
    for (const entry of this.templates) {
      if (!isRenamed(entry) && matchesTemplate(entry.original, uri)) return { backend: entry.backend, original: uri };
    }
    const serving = this.#backends.filter(({ description }) => description.capabilities.resources);
    return serving.length === 1 && serving[0] ? { backend: serving[0], original: uri } : undefined;
  }

  /** Whether some of a backend's resources have other URIs for clients than its own. */
  isRenamed(backend: BackendConnection): boolean {
    return this.#renamed.has(backend.name);
  }

  /** The URI by which clients know what a backend speaks of. */
  outward(backend: BackendConnection, uri: string): string {
    const renamed = this.#renamed.get(backend.name);
    if (!renamed) return uri;
    const listed = renamed.resources.get(uri);
    if (listed !== undefined) return listed;
    if (this.resources.get(uri)?.backend.name === backend.name) return uri;
    return renamed.templates.some((template) => matchesTemplate(template, uri)) ? qualifiedUri(backend.name, uri) : uri;
  }

  filter(shown: (backend: BackendConnection) => boolean): Uris {
    const shows = ({ backend }: Resource) => shown(backend);
    return new Uris(this.#backends.filter(shown), this.resources.filter(shows), this.templates.filter(shows));
  }

  #renamedOf({ name }: BackendConnection): { resources: Map<string, string>; templates: string[] } {
    const renamed = this.#renamed.get(name) ?? { resources: new Map<string, string>(), templates: [] };
    this.#renamed.set(name, renamed);
    return renamed;
  }
}

function isRenamed({ original, names }: { readonly original: string; readonly names: readonly string[] }): boolean {
  return names[0] !== original;
}
