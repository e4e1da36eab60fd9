import type { AuthConfig } from '../../config/auth.js';
import { hashIn, type StaticClientConfig } from '../../config/static-clients.js';
import type { Identity } from '../../contracts/identity.js';
import { UpstreamError } from '../../errors.js';
import { Credential } from '../outbound/credential.js';
import type { InboundDependencies } from './dependencies.js';
import { digestOf, findByToken, type KnownToken, knownToken } from './digests.js';
import { Renewable } from './renewable.js';

/** Milliseconds for which a token that was read counts: one that was replaced is accepted for as long. */
const freshMs = 60_000;

/** Milliseconds for which it counts when it cannot be read again. */
const usableMs = 60 * 60_000;

/** Milliseconds between two times that tokens are read again because somebody came with an unknown one. */
const cooldownMs = 10_000;

/** Clients with static tokens: in the configuration, as hashes in it, and in variables, files and Vault. */
export class StaticClients {
  readonly #fixed: readonly KnownToken[];
  readonly #kept: readonly Renewable<KnownToken>[];

  constructor(auth: AuthConfig, dependencies: InboundDependencies) {
    this.#fixed = fixedTokens(auth);
    this.#kept = auth.static_clients
      .filter(({ token_sha256 }) => !token_sha256)
      .map((client) => renewableToken(client, dependencies));
  }

  /** Who a token of the configuration stands for. */
  find(token: string): Identity | undefined {
    return findByToken(this.#fixed, token);
  }

  /** Who a token stands for that is kept elsewhere. A client whose token cannot be read is not known, and no other is concerned. */
  async findKept(token: string): Promise<Identity | undefined> {
    const known = await settled(this.#kept.map((kept) => kept.current()));
    const found = findByToken(known, token);
    if (found || this.#kept.length === 0) return found;
    const renewed = await settled(this.#kept.map(async (kept) => kept.renewed(await kept.current())));
    return findByToken(
      renewed.filter((one) => one !== undefined),
      token,
    );
  }
}

/** The tokens that the configuration holds, as such or as hashes. */
export function fixedTokens({
  static_tokens,
  static_clients,
}: Pick<AuthConfig, 'static_tokens' | 'static_clients'>): KnownToken[] {
  return [
    ...Object.entries(static_tokens).map(([key, client]) => {
      const hash = hashIn(key);
      return knownToken(hash === undefined ? digestOf(key) : Buffer.from(hash, 'hex'), client);
    }),
    ...static_clients.flatMap((client) =>
      client.token_sha256 ? [knownToken(Buffer.from(client.token_sha256, 'hex'), client)] : [],
    ),
  ];
}

function renewableToken(client: StaticClientConfig, dependencies: InboundDependencies): Renewable<KnownToken> {
  const credential = new Credential(client, 'token', dependencies);
  const { logger } = dependencies;
  return new Renewable({
    fetch: async () => {
      await credential.refresh();
      return knownToken(digestOf(await credential.readWord()), client);
    },
    freshMs,
    usableMs,
    cooldownMs,
    onFailure: ({ message }) =>
      logger.warn({ client: client.client_id, error: message }, 'the token of a client cannot be read'),
  });
}

/** What came of those that did not fail for want of a secret, which is in the log. */
async function settled<T>(reads: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(reads);
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [result.value];
    if (result.reason instanceof UpstreamError) return [];
    throw result.reason;
  });
}
