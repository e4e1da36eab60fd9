import { credentialIn } from '../../auth/outbound/credential.js';
import { outboundDependencies } from '../../auth/outbound/dependencies.js';
import { createOutboundAuth } from '../../auth/outbound/index.js';
import type { HttpBackend } from '../../config/backend.js';
import type { Host } from '../../contracts/host.js';
import type { OutboundAuth } from '../../contracts/identity.js';
import type { LoadedConfig } from '../../loading/config-loader.js';
import { upstreamFactory } from '../../mcp/index.js';
import { withOpenApi } from '../../openapi/index.js';
import { ChildWords } from '../child-words.js';
import type { Redactor } from '../redactor.js';
import type { Subject } from '../subject.js';
import { examineAuth } from './auth.js';
import { examineBackend } from './backend.js';
import { examineCollector } from './collector.js';
import { usable } from './configuration.js';
import { examineIdentity } from './identity.js';
import { examineState } from './state.js';

/** Backends that are looked at at the same time: stdio servers each start a process. */
const atOnce = 8;

/** What checks of a set-up take from their surroundings. */
export interface SetUpDependencies {
  readonly host: Host;
  /** Learns the credentials that are found, which servers may repeat. */
  readonly redactor: Redactor;
  /** Who calls, as backends are told. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Milliseconds that one check may take. */
  readonly timeoutMs: number;
}

/** Looks at everything that a configuration names, from where the gateway runs. */
export async function examineSetUp(loaded: LoadedConfig, dependencies: SetUpDependencies): Promise<Subject[]> {
  const { config } = loaded;
  const { host, redactor, clientInfo, timeoutMs } = dependencies;
  const outbound = outboundDependencies(config, host.env);
  const words = new ChildWords();
  const auths = new Map<string, OutboundAuth>();
  // One for each backend, so that a token is asked for once.
  const outboundAuth = (backend: HttpBackend) => {
    const auth = auths.get(backend.name) ?? createOutboundAuth(backend, outbound);
    auths.set(backend.name, auth);
    return auth;
  };
  const { logger } = words;
  const mcpUpstreams = upstreamFactory({ clientInfo, host, logger, outboundAuth });
  const createUpstream = withOpenApi(mcpUpstreams, { logger, outboundAuth });
  const means = { createUpstream, outboundAuth, host, redactor, words, timeoutMs };
  const backends = config.backends.filter(({ enabled }) => enabled);
  const { state } = config;
  const examined = await Promise.all([
    examineAuth(config.auth, timeoutMs),
    examineIdentity(config, outbound.signer, host.env, timeoutMs),
    state
      ? examineState(
          { config: state, password: credentialIn(state, 'password', outbound), gateway: config.name },
          timeoutMs,
        )
      : [],
    ...(['traces', 'otlp_metrics'] as const).map((name) => {
      const collector = config[name];
      if (!collector) return [];
      const dataKey = credentialIn(collector, 'data_key', outbound);
      return examineCollector({ name, url: collector.otlp_url, dataKey }, timeoutMs);
    }),
    inParallel(backends, (backend) => examineBackend(backend, means)),
  ]);
  return [usable(loaded, timeoutMs), ...examined.flat()];
}

/** @returns the results in the order of the items */
async function inParallel<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await task(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
