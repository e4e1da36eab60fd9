import type { SessionAuthDetailProvider } from 'oci-common/lib/auth/session-auth-details-provider.js';
import { isObject } from '../../contracts/json-rpc.js';
import { UpstreamError } from '../../errors.js';
import { exchange } from '../exchange.js';
import type { Environment, Principal } from './principal.js';
import { endpointOf } from './region.js';
import { signingKey } from './signature.js';

/** A session of a user, which is prolonged as long as it has not ended. Files stay as they are: they are the user's. */
export class Session implements Principal {
  readonly #provider: SessionAuthDetailProvider;
  readonly #environment: Environment;
  #token: string;

  constructor(provider: SessionAuthDetailProvider, token: string, environment: Environment) {
    this.#provider = provider;
    this.#environment = environment;
    this.#token = token.trim();
  }

  async getKeyId(): Promise<string> {
    return `ST$${this.#token}`;
  }

  getPrivateKey(): string {
    return this.#provider.getPrivateKey();
  }

  getPassphrase(): string | null {
    return this.#provider.getPassphrase();
  }

  getRegion() {
    return this.#provider.getRegion();
  }

  /**
   * Asks for another token in exchange for the one there is, as `oci session refresh` does.
   * https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/clitoken.htm
   */
  async prolong(): Promise<void> {
    const { OCI_SDK_AUTH_CLIENT_REGION_URL: named } = this.#environment;
    const service = named || endpointOf('https://auth.{region}.{domain}', this.getRegion().regionId);
    const request = {
      method: 'POST',
      url: new URL('/v1/authentication/refresh', service),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ currentToken: this.#token }),
    } as const;
    const key = signingKey(await this.getKeyId(), this.getPrivateKey(), this.getPassphrase());
    const headers = { ...request.headers, ...(await key.sign(request)) };
    const { status, document } = await exchange({ ...request, headers });
    const { token } = isObject(document) ? document : {};
    if (status !== 200 || typeof token !== 'string') throw new UpstreamError(`the session ends: HTTP ${status}`);
    this.#token = token;
  }
}
