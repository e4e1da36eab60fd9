import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { RequestSigner, VaultSecrets } from '../auth/oci/index.js';
import type { Logger } from '../contracts/host.js';
import { UpstreamError } from '../errors.js';
import type { FetchPlan } from './plan.js';
import { SecretFiles } from './secret-files.js';

/** Milliseconds before a secret is asked for again: doubled from the first to the second value. */
const retryMs = { first: 1000, most: 15_000 };

/** What fetching takes from its surroundings. */
export interface FetchDependencies {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Aborted when the process is to end. */
  readonly signal: AbortSignal;
}

/**
 * Writes secrets into files. While a secret is refused it is asked for again, since a policy may reach the region minutes
 * after the resource that it is about.
 *
 * @throws {UpstreamError} when a secret could not be had in time @throws when a file cannot be written
 */
export async function fetchSecrets(plan: FetchPlan, dependencies: FetchDependencies): Promise<void> {
  const { signal } = dependencies;
  // A process that is to end does not wait for an answer from Vault.
  const ending = once(signal, 'abort').then(() => Promise.reject(signal.reason));
  await Promise.race([fetchAll(plan, dependencies), ending]);
}

async function fetchAll(plan: FetchPlan, { environment, logger, signal }: FetchDependencies): Promise<void> {
  const vault = new VaultSecrets(new RequestSigner({ method: plan.method }, environment), environment);
  const files = new SecretFiles(plan.directory);
  const fetchOne = async ([name, secretId]: [string, string]) => {
    if (await files.write(name, await vault.read(secretId))) logger.info({ file: name }, 'secret written');
  };
  const end = Date.now() + plan.timeoutMs;
  await Promise.all([...plan.files].map((entry) => persistently(() => fetchOne(entry), end, logger, signal)));
  while (plan.stay) {
    await delay(plan.refreshMs, undefined, { signal });
    for (const entry of plan.files) {
      await fetchOne(entry).catch((error) => {
        if (!(error instanceof UpstreamError)) throw error;
        logger.warn({ file: entry[0], reason: error.message }, 'secret could not be read again; the file stays');
      });
    }
  }
}

async function persistently(
  task: () => Promise<void>,
  end: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let wait = retryMs.first; ; wait = Math.min(wait * 2, retryMs.most)) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof UpstreamError) || Date.now() + wait > end) throw error;
      logger.warn({ reason: error.message, seconds: wait / 1000 }, 'secret could not be read; trying again');
      await delay(wait, undefined, { signal });
    }
  }
}
