import type { OutboundRequest } from '../../contracts/identity.js';
import { UpstreamError } from '../../errors.js';
import type { Environment, Principal, PrincipalChoice, PrincipalSource } from './principal.js';

/** Milliseconds until an identity is given up: less than connect_timeout, so that the reason is told. */
const identityMs = 8000;

/** Milliseconds before its end at which a token is replaced; of a short one, a tenth of its life. */
const marginMs = 60_000;

/** Milliseconds until another attempt to replace a token that is still valid. */
const retryMs = 5000;

/** What a signature is made with. */
interface SigningKey {
  readonly keyId: string;
  readonly privateKey: string;
  /** When its token ends; `undefined` for what does not end. */
  readonly expiresAt: number | undefined;
  sign(request: OutboundRequest): Promise<Record<string, string>>;
}

/**
 * Signs requests with one OCI identity, which backends share.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
 */
export class RequestSigner {
  readonly #choice: PrincipalChoice;
  readonly #environment: Environment;
  readonly #timeoutMs: number;
  #source: PrincipalSource | undefined;
  #principal: Principal | undefined;
  #key: SigningKey | undefined;
  #loading: Promise<SigningKey> | undefined;
  /** When the token is to be replaced, before its end. */
  #renewAt = Number.POSITIVE_INFINITY;
  #renewing: Promise<boolean> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(choice: PrincipalChoice, environment: Environment, timeoutMs = identityMs) {
    this.#choice = choice;
    this.#environment = environment;
    this.#timeoutMs = timeoutMs;
  }

  /** Headers that prove who sends this request. @throws {UpstreamError} when there is no identity */
  async sign(request: OutboundRequest): Promise<Record<string, string>> {
    const key = await this.#current();
    return key.sign(request);
  }

  /** The region of the identity; `undefined` when it knows none. @throws {UpstreamError} when there is no identity */
  async region(): Promise<string | undefined> {
    await this.#current();
    return this.#principal?.getRegion?.()?.regionId;
  }

  /**
   * Gets a new token, once for everybody who asks meanwhile.
   *
   * @param refused Headers that `sign` gave for a request that was refused.
   * @returns whether there is another token than the refused one
   */
  async refresh({ authorization }: Readonly<Record<string, string>>): Promise<boolean> {
    if (this.#key && !authorization?.includes(`keyId="${this.#key.keyId}"`)) return true;
    this.#renewing ??= this.#inTurn(() => this.#renew((principal) => principal.refresh?.bind(principal))).finally(
      () => {
        this.#renewing = undefined;
      },
    );
    return this.#renewing;
  }

  #current(): Promise<SigningKey> {
    const key = this.#key;
    if (key?.expiresAt !== undefined && Date.now() < key.expiresAt && !this.#renewing) {
      if (Date.now() >= this.#renewAt) this.#renewEarly();
      return Promise.resolve(key);
    }
    this.#loading ??= this.#inTurn(() => this.#load()).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** One thing after the other: the SDK replaces key and token in two steps. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#inTime(task()));
    this.#turn = result.catch(() => {});
    return result;
  }

  async #inTime<T>(task: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Whatever goes on with it changes nothing any more.
        this.#principal = undefined;
        reject(new UpstreamError(`no identity within ${this.#timeoutMs / 1000} s`));
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([task, timeout]);
    } catch (error) {
      const reason = error instanceof UpstreamError ? error.message : 'no security token could be had';
      throw new UpstreamError(`cannot sign requests (${this.#choice.method}): ${reason}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async #load(): Promise<SigningKey> {
    if (this.#principal) {
      try {
        return await this.#read(this.#principal);
      } catch {
        // The service account token or the certificate behind it may have been replaced.
        this.#principal = undefined;
      }
    }
    if (!this.#source) {
      // The OCI SDK takes a while to load and is of no use without such a backend.
      const { principalSource } = await import('./sources.js');
      this.#source = principalSource(this.#choice, this.#environment);
    }
    const principal = await this.#source();
    const key = await this.#read(principal);
    this.#principal = principal;
    return key;
  }

  /** Nobody waits for it: when it fails, the token that there is does until its end. */
  #renewEarly(): void {
    this.#renewAt = Date.now() + retryMs;
    const way = (principal: Principal) => (principal.prolong ?? principal.refresh)?.bind(principal);
    this.#inTurn(() => this.#renew(way)).catch(() => {});
  }

  /** @param wayOf How this principal gets a new token. @default - by being built again */
  async #renew(wayOf: (principal: Principal) => (() => Promise<unknown>) | undefined): Promise<boolean> {
    const before = this.#key;
    const getToken = this.#principal && wayOf(this.#principal);
    if (getToken) {
      await getToken().catch(() => {
        this.#principal = undefined;
      });
    } else {
      this.#principal = undefined;
    }
    const after = await this.#load();
    return after !== before;
  }

  async #read(principal: Principal): Promise<SigningKey> {
    const keyId = (await principal.getKeyId()).trim();
    const privateKey = principal.getPrivateKey();
    const expiresAt = expiryOf(keyId);
    if (this.#key?.keyId === keyId && this.#key.privateKey === privateKey) return this.#key;
    const { signingKey } = await import('./signature.js');
    this.#key = { ...signingKey(keyId, privateKey, principal.getPassphrase()), expiresAt };
    if (expiresAt !== undefined) this.#renewAt = expiresAt - Math.min(marginMs, (expiresAt - Date.now()) / 10);
    return this.#key;
  }
}

/** When a token ends, in milliseconds. One that has expired already would only earn a refusal that says less. */
function expiryOf(keyId: string): number | undefined {
  if (!keyId.startsWith('ST$')) return undefined;
  const [, payload = ''] = keyId.split('.');
  let expiry: unknown;
  try {
    expiry = Object(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))).exp;
  } catch {
    throw new UpstreamError('the security token is not a token that can be read');
  }
  if (typeof expiry !== 'number') return undefined;
  if (expiry * 1000 <= Date.now()) {
    throw new UpstreamError(`the security token expired at ${new Date(expiry * 1000).toISOString()}; renew it`);
  }
  return expiry * 1000;
}
