import type { ExchangeRequest } from '../exchange.js';
import type { Credential } from './credential.js';

/** How a token is asked for. */
export interface TokenRequest {
  /** What the token is given for; read again when it is refused. */
  readonly secret: Credential;
  /** Seconds a token is taken to last that does not say so. @default - until it is refused */
  readonly usualLifetime?: number;
  /** The request, with the secret in it. */
  make(secret: string): Omit<ExchangeRequest, 'method'>;
}
