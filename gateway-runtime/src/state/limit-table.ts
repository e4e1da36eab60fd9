import { burstOf, type Limit, type Limits } from '../config/limits.js';
import { matchesName } from '../config/name-pattern.js';
import type { Identity } from '../contracts/identity.js';
import type { Admission, LimitedCall } from '../contracts/rate-limiter.js';

/** One limit of the configuration. */
export class LimitRule {
  /** Milliseconds in which a bucket gets one more token; 0 where time limits nothing. */
  readonly intervalMs: number;
  /** Tokens that a bucket holds. */
  readonly burst: number;
  /** Calls that may be in flight at once. @default - any number */
  readonly concurrency: number | undefined;
  readonly #limit: Limit;

  constructor(
    /** The member of the configuration: `limits.tools.logs_*`. */
    readonly name: string,
    /** Whose calls are counted: `to backend "logs"`. */
    readonly whose: string,
    limit: Limit,
  ) {
    this.#limit = limit;
    this.intervalMs = limit.calls_per_minute === undefined ? 0 : 60_000 / limit.calls_per_minute;
    this.burst = burstOf(limit);
    this.concurrency = limit.concurrency;
  }

  /** What a call is told that came too early. @param retryAfterMs Time until it would not be. */
  tooOften(retryAfterMs: number): Admission {
    const reason = `more than ${calls(this.#limit.calls_per_minute)} a minute ${this.whose}`;
    return { admitted: false, limit: this.name, reason, retryAfterMs };
  }

  /** What a call is told that would be one too many. */
  tooManyAtOnce(): Admission {
    const reason = `more than ${calls(this.concurrency)} at once ${this.whose}`;
    return { admitted: false, limit: this.name, reason };
  }
}

/** A limit as it holds for one call. */
export interface CountedLimit {
  readonly rule: LimitRule;
  /** Where its calls are counted. */
  readonly key: string;
}

/** The limits of a configuration, by the calls that they concern. */
export class LimitTable {
  readonly #ofClient: LimitRule | undefined;
  readonly #ofTools: readonly (readonly [pattern: string, counted: CountedLimit])[];
  readonly #ofBackends: ReadonlyMap<string, CountedLimit>;
  /** By callers, who are the same object from call to call. */
  readonly #ofCallers = new WeakMap<Identity, CountedLimit>();
  /** By the names of a tool, which are the same list as long as its catalog is. */
  readonly #known = new WeakMap<readonly string[], readonly CountedLimit[]>();

  constructor({ client, tools, backends }: Limits) {
    this.#ofClient = client && new LimitRule('limits.client', 'by this client', client);
    this.#ofTools = Object.entries(tools).map(([pattern, limit]) => {
      const whose = pattern.includes('*') ? `of tools like "${pattern}"` : `of tool "${pattern}"`;
      const rule = new LimitRule(`limits.tools.${pattern}`, whose, limit);
      return [pattern, { rule, key: `tool ${pattern}` }];
    });
    this.#ofBackends = new Map(
      Object.entries(backends).map(([name, limit]) => {
        const rule = new LimitRule(`limits.backends.${name}`, `to backend "${name}"`, limit);
        return [name, { rule, key: `backend ${name}` }];
      }),
    );
  }

  /** The limits of a call, those of its caller first. */
  of({ identity, tool, backend }: LimitedCall): readonly CountedLimit[] {
    const counted: CountedLimit[] = [];
    if (this.#ofClient) counted.push(this.#countedFor(identity, this.#ofClient));
    if (tool) counted.push(...this.#matching(tool));
    const ofBackend = backend === undefined ? undefined : this.#ofBackends.get(backend);
    if (ofBackend) counted.push(ofBackend);
    return counted;
  }

  #countedFor(identity: Identity, rule: LimitRule): CountedLimit {
    let counted = this.#ofCallers.get(identity);
    if (!counted) {
      counted = { rule, key: `client ${identity.key}` };
      this.#ofCallers.set(identity, counted);
    }
    return counted;
  }

  #matching(names: readonly string[]): readonly CountedLimit[] {
    let counted = this.#known.get(names);
    if (!counted) {
      counted = this.#ofTools
        .filter(([pattern]) => names.some((name) => matchesName(pattern, name)))
        .map(([, limit]) => limit);
      this.#known.set(names, counted);
    }
    return counted;
  }
}

function calls(number: number | undefined): string {
  return number === 1 ? '1 call' : `${number} calls`;
}
