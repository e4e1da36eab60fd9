import { credentialIn } from '../../auth/outbound/credential.js';
import { outboundDependencies } from '../../auth/outbound/dependencies.js';
import { createOutboundAuth } from '../../auth/outbound/index.js';
import type { HttpBackend } from '../../config/backend.js';
import type { Host } from '../../config/host.js';
import type { OutboundAuth } from '../../config/identity.js';
import type { LoadedConfig } from '../../config/load.js';
import { type ConfigFault, formatFault } from '../../errors.js';
import { upstreamFactory } from '../../mcp/index.js';
import { ChildWords } from '../child-words.js';
import type { Redactor } from '../redactor.js';
import { Subject } from '../subject.js';
import { ok, problem, warning } from '../verdict.js';
import { examineAuth } from './auth.js';
import { examineBackend } from './backend.js';
import { examineIdentity } from './identity.js';
import { examineState } from './state.js';
import { examineTraces } from './traces.js';

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

/** What is wrong with a configuration that cannot be used. */
export function faultsOf(faults: readonly ConfigFault[], timeoutMs: number): Subject {
  const subject = new Subject('configuration', timeoutMs);
  for (const fault of faults) {
    subject.note(
      'configuration',
      problem(formatFault(fault), {
        cause: 'the gateway does not start with this',
        solution: `correct ${fault.path || 'it'} as said; oci-mcp-gateway --check repeats it without asking anybody`,
      }),
    );
  }
  return subject;
}

/** Looks at everything that a configuration names, from where the gateway runs. */
export async function examineSetUp(loaded: LoadedConfig, dependencies: SetUpDependencies): Promise<Subject[]> {
  const { config } = loaded;
  const { host, redactor, clientInfo, timeoutMs } = dependencies;
  const outbound = outboundDependencies(config.oci_auth_method, host.env);
  const words = new ChildWords();
  const auths = new Map<string, OutboundAuth>();
  // One for each backend, so that a token is asked for once.
  const outboundAuth = (backend: HttpBackend) => {
    const auth = auths.get(backend.name) ?? createOutboundAuth(backend, outbound);
    auths.set(backend.name, auth);
    return auth;
  };
  const createUpstream = upstreamFactory({ clientInfo, host, logger: words.logger, outboundAuth });
  const means = { createUpstream, outboundAuth, host, redactor, words, timeoutMs };
  const backends = config.backends.filter(({ enabled }) => enabled);
  const { state, traces } = config;
  const examined = await Promise.all([
    examineAuth(config.auth, timeoutMs),
    examineIdentity(config, outbound.signer, host.env, timeoutMs),
    state
      ? examineState(
          { config: state, password: credentialIn(state, 'password', outbound), gateway: config.name },
          timeoutMs,
        )
      : [],
    traces ? examineTraces(traces, credentialIn(traces, 'data_key', outbound), timeoutMs) : [],
    inParallel(backends, (backend) => examineBackend(backend, means)),
  ]);
  return [configurationOf(loaded, timeoutMs), ...examined.flat()];
}

function configurationOf({ config, warnings }: LoadedConfig, timeoutMs: number): Subject {
  const subject = new Subject('configuration', timeoutMs);
  const count = config.backends.length;
  subject.note('configuration', ok(`can be used; ${count} backend${count === 1 ? '' : 's'}`));
  for (const found of warnings) {
    const advice = {
      cause: 'it works, but may not be meant',
      solution: 'see the text; docs/gateway.md has every field',
    };
    subject.note('configuration', warning(formatFault(found), advice));
  }
  if (count === 0) {
    subject.note(
      'configuration',
      warning('no backends, so the gateway has nothing to offer', {
        cause: 'the configuration file was not given, or the directory of drop-in files is empty',
        solution: 'name servers in "backends", or give --config, --backends-dir or --scan as the gateway gets them',
      }),
    );
  }
  return subject;
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
