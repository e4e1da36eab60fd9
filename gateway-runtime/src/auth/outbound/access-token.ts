import type { OutboundAuth } from '../../config/identity.js';
import { isObject } from '../../config/json-rpc.js';
import { UpstreamError } from '../../errors.js';
import { type ExchangeRequest, exchange } from '../exchange.js';
import type { Credential } from './credential.js';

/** Seconds before its end at which a token is replaced; of a short one, a tenth of its life. */
const marginSeconds = 60;

/** How a token is asked for. */
export interface TokenRequest {
  /** What the token is given for; read again when it is refused. */
  readonly secret: Credential;
  /** Seconds a token is taken to last that does not say so. @default - until it is refused */
  readonly usualLifetime?: number;
  /** The request, with the secret in it. */
  make(secret: string): Omit<ExchangeRequest, 'method'>;
}

/** Sends a token that is fetched when needed, kept until shortly before its end, and replaced when it is refused. */
export class AccessToken implements OutboundAuth {
  readonly #request: TokenRequest;
  #token: { value: string; until: number } | undefined;
  #fetching: Promise<string> | undefined;

  constructor(request: TokenRequest) {
    this.#request = request;
  }

  async headers(): Promise<Record<string, string>> {
    const token = this.#token && Date.now() < this.#token.until ? this.#token.value : await this.#fetch();
    return { authorization: `Bearer ${token}` };
  }

  async refresh({ authorization }: Readonly<Record<string, string>>): Promise<boolean> {
    const before = this.#token?.value;
    return authorization !== `Bearer ${before}` || (await this.#fetch()) !== before;
  }

  /** Once for everybody who asks meanwhile. */
  #fetch(): Promise<string> {
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
      throw new UpstreamError(`gets no token: its token_url answered HTTP ${answer.status}${named}`);
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
