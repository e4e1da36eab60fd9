import type { OutboundAuth } from '../../contracts/identity.js';
import { isObject } from '../../contracts/json-rpc.js';
import { UpstreamError } from '../../errors.js';
import { exchange } from '../exchange.js';
import type { TokenRequest } from './token-request.js';

/** Seconds before its end at which a token is replaced; of a short one, a tenth of its life. */
const marginSeconds = 60;

/** Statuses that say no, whereas others say that something is wrong at the moment. */
const refusals: readonly number[] = [400, 401, 403];

/** Milliseconds for which a refusal counts: who is refused again and again does not ask for tokens again and again. */
const refusedMs = 2000;

/** Sends a token that is fetched when needed, kept until shortly before its end, and replaced when it is refused. */
export class AccessToken implements OutboundAuth {
  readonly #request: TokenRequest;
  #token: { value: string; until: number } | undefined;
  #fetching: Promise<string> | undefined;
  /** Why no token was given, and until when it is not asked for again. */
  #refusal: { error: UpstreamError; until: number } | undefined;
  /** Until when a token is not replaced that has just replaced a refused one. */
  #replacedUntil = 0;

  constructor(request: TokenRequest) {
    this.#request = request;
  }

  async headers(): Promise<Record<string, string>> {
    const token = this.#token && Date.now() < this.#token.until ? this.#token.value : await this.#fetch();
    return { authorization: `Bearer ${token}` };
  }

  async refresh({ authorization }: Readonly<Record<string, string>>): Promise<boolean> {
    const before = this.#token?.value;
    if (authorization !== `Bearer ${before}`) return true;
    if (Date.now() < this.#replacedUntil) return false;
    const after = await this.#fetch();
    this.#replacedUntil = Date.now() + refusedMs;
    return after !== before;
  }

  /** Once for everybody who asks meanwhile. */
  async #fetch(): Promise<string> {
    if (this.#refusal && Date.now() < this.#refusal.until) throw this.#refusal.error;
    this.#fetching ??= this.#ask().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #ask(): Promise<string> {
    const { secret, make, usualLifetime = Number.POSITIVE_INFINITY } = this.#request;
    const post = async () => exchange({ method: 'POST', ...make(await secret.read()) });
    let answer = await post();
    if ((answer.status === 400 || answer.status === 401) && (await secret.refresh())) answer = await post();
    const { access_token: value, expires_in, error } = isObject(answer.document) ? answer.document : {};
    if (answer.status !== 200) {
      const named = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? ` (${error})` : '';
      const refused = new UpstreamError(`gets no token: its token_url answered HTTP ${answer.status}${named}`);
      if (refusals.includes(answer.status)) this.#refusal = { error: refused, until: Date.now() + refusedMs };
      throw refused;
    }
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      throw new UpstreamError('gets no token: the answer of its token_url holds no access_token');
    }
    const seconds = Number(expires_in) > 0 ? Number(expires_in) : usualLifetime;
    const kept = seconds - Math.min(marginSeconds, seconds / 10);
    this.#token = { value, until: Date.now() + kept * 1000 };
    return value;
  }
}
