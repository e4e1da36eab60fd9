import type { AccessPolicy, Decision, Identity, Refusal, Target } from '../contracts/identity.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { InsufficientScopeError, RpcError, rpcCodes } from '../errors.js';
import type { BackendConnection } from './backend-connection.js';
import type { CatalogEntry } from './entries.js';
import type { OwnTool } from './own-tool.js';
import { quoted } from './params.js';
import { plainUri } from './plain-uri.js';
import { qualifiedUri } from './qualified-uri.js';
import type { Resource } from './uris.js';

/** Who asks, and through which view. */
export interface Asker {
  readonly identity: Identity;
  readonly view?: string;
}

/** Decides who may see and use what backends offer: the same way for what is listed and for what is asked for. */
export class Access {
  #policy: AccessPolicy;

  constructor(policy: AccessPolicy) {
    this.#policy = policy;
  }

  /** Says what decides from now on. */
  follow(policy: AccessPolicy): void {
    this.#policy = policy;
  }

  /** Whether a caller may see and use something. */
  decide(kind: Target['kind'], entry: CatalogEntry, { identity, view }: Asker): Decision {
    return this.#policy.decide(identity, targetOf(kind, entry, view));
  }

  /** Those that a caller may see. */
  visible(kind: Target['kind'], entries: Iterable<CatalogEntry>, asker: Asker): CatalogEntry[] {
    const visible: CatalogEntry[] = [];
    for (const entry of entries) if (this.decide(kind, entry, asker).allowed) visible.push(entry);
    return visible;
  }

  /** Whether a caller may see and use a tool of the gateway itself. */
  decideOwn({ item }: OwnTool, { identity, view }: Asker): Decision {
    return this.#policy.decide(identity, { kind: 'tool', names: [item.name], isReadOnly: onlyReads(item), view });
  }

  /** Whether a caller may get at anything of a backend. */
  mayUse({ name }: BackendConnection, { identity, view }: Asker): boolean {
    return this.#policy.missingIn({ backend: name, view }, identity).length === 0;
  }

  /** Whether a caller may read a resource, listed or not. */
  decideRead(resource: Resource | CatalogEntry, asker: Asker): Decision {
    return 'ruledAs' in resource ? this.decide('resource', resource, asker) : this.#decideUnlisted(resource, asker);
  }

  /** @throws {InsufficientScopeError} unless the caller may get at anything of the backend */
  checkBackend(backend: BackendConnection, asker: Asker): void {
    if (this.mayUse(backend, asker)) return;
    const required = this.#policy.requiredIn({ backend: backend.name, view: asker.view });
    throw new InsufficientScopeError(`backend "${backend.name}" needs ${required.join(', ')}`, required);
  }

  /** @throws {RpcError | InsufficientScopeError} unless the caller may use the prompt */
  checkPrompt(entry: CatalogEntry, asker: Asker): void {
    check(this.decide('prompt', entry, asker), promptNamed(entry));
  }

  /** @throws {RpcError | InsufficientScopeError} unless the caller may read the resource */
  checkRead(resource: Resource | CatalogEntry, asker: Asker): void {
    check(this.decideRead(resource, asker), resourceNamed(resource));
  }

  /** A client made the URI up, from a template perhaps: rules must allow whatever a backend may take it for. */
  #decideUnlisted({ backend, original }: Resource, { identity, view }: Asker): Decision {
    const decide = (uri: string | undefined) => {
      const names = uri === undefined ? [] : [uri, qualifiedUri(backend.name, uri)];
      return this.#policy.decide(identity, { kind: 'resource', names, backend: backend.name, view });
    };
    const asWritten = decide(original);
    const plain = plainUri(original);
    return asWritten.allowed && plain !== original ? decide(plain) : asWritten;
  }
}

/** What the policy decides about. */
export function targetOf(kind: Target['kind'], { backend, ruledAs, item }: CatalogEntry, view?: string): Target {
  return { kind, names: ruledAs, backend: backend.name, isReadOnly: kind === 'tool' && onlyReads(item), view };
}

/** A tool that says nothing of it may do anything. */
function onlyReads({ annotations }: JsonObject): boolean {
  return isObject(annotations) && annotations.readOnlyHint === true;
}

/** How a refusal names a prompt. */
export function promptNamed({ names }: CatalogEntry): string {
  return `prompt ${quoted(String(names[0]))}`;
}

/** How a refusal names a resource. */
export function resourceNamed({ original }: Resource | CatalogEntry): string {
  return `resource ${quoted(original)}`;
}

/** What a caller is told who may not use something. */
export function refused(what: string, { reason, scopes }: Refusal): Error {
  const message = `${what} ${reason}`;
  return scopes ? new InsufficientScopeError(message, scopes) : new RpcError(rpcCodes.refused, message);
}

function check(decision: Decision, what: string): void {
  if (!decision.allowed) throw refused(what, decision);
}
