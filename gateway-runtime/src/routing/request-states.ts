import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Identity } from '../config/identity.js';
import { isObject, type JsonObject } from '../config/json-rpc.js';
import { RpcError, rpcCodes } from '../errors.js';

/** Milliseconds for which a state is good: the time that a person has to answer. */
export const stateLifeMs = 10 * 60_000;

/** The request that a state belongs to: it is of no use with any other. */
export interface StateBinding {
  readonly identity: Identity;
  readonly method: string;
  readonly params: JsonObject;
}

/** What a state says. */
export type RequestState =
  /** The state that a modern backend wants back. */
  | { readonly backend: string; readonly state: string }
  /** A call that waits here for answers. */
  | { readonly parked: string };

/** Characters of a state at most; what a backend wants back may be no longer either. */
const longest = 64 * 1024;

/**
 * Seals what clients give back with their next request, so that nobody can read, change or lend it: bound to the caller, the
 * method and the parameters, and short-lived.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr#server-requirements-basic-workflow
 */
export class RequestStates {
  readonly #readKey: (() => Promise<string>) | undefined;
  readonly #now: () => number;
  #key: Promise<Buffer> | undefined;

  /** @param readKey Reads what replicas have in common. @default - a key of this process */
  constructor(readKey?: () => Promise<string>, now: () => number = Date.now) {
    this.#readKey = readKey;
    this.#now = now;
  }

  async seal(state: RequestState, binding: StateBinding): Promise<string> {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', await this.#getKey(), iv).setAAD(digestOf(binding));
    const text = JSON.stringify({ ...state, until: this.#now() + stateLifeMs });
    const sealed = Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return sealed.toString('base64url');
  }

  /** @throws {RpcError} for anything but a state that was sealed for this request and has not lapsed */
  async open(sealed: unknown, binding: StateBinding): Promise<RequestState> {
    const content =
      typeof sealed === 'string' && sealed.length <= longest ? await this.#open(sealed, binding) : undefined;
    if (!isObject(content) || !(Number(content.until) > this.#now())) {
      throw new RpcError(
        rpcCodes.invalidParams,
        'requestState is not valid for this request, or too old; send the request again without it',
      );
    }
    return content as unknown as RequestState;
  }

  async #open(sealed: string, binding: StateBinding): Promise<unknown> {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < 28) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', await this.#getKey(), bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(digestOf(binding))
      .setAuthTag(bytes.subarray(-16));
    try {
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString());
    } catch {
      return undefined;
    }
  }

  #getKey(): Promise<Buffer> {
    this.#key ??= this.#deriveKey().catch((error) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #deriveKey(): Promise<Buffer> {
    if (!this.#readKey) return randomBytes(32);
    return Buffer.from(hkdfSync('sha256', await this.#readKey(), '', 'oci-mcp-gateway request state', 32));
  }
}

function digestOf({ identity, method, params }: StateBinding): Buffer {
  const { _meta, inputResponses, requestState, ...own } = params;
  return createHash('sha256')
    .update(JSON.stringify([identity.key, method, sorted(own)]))
    .digest();
}

/** A client may write the same members in another order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}
