import { createHash, randomUUID } from 'node:crypto';
import type { Limits } from '../config/limits.js';
import type { Admission, LimitedCall, RateLimiter } from '../contracts/rate-limiter.js';
import { digest } from './digest.js';
import { type CountedLimit, LimitTable } from './limit-table.js';
import { MemoryLimiter } from './memory-limiter.js';
import type { RedisClient, RedisConnection } from './redis-connection.js';

/** What a limiter that replicas share needs. */
export interface RedisLimiterOptions {
  readonly limits: Limits;
  /** Started and closed by whoever made it. */
  readonly connection: RedisConnection;
  /** The name that replicas of this gateway have, and no other gateway on the same server. */
  readonly gateway: string;
  /** Milliseconds after which a call of a replica that is gone counts no more. @default 15000 */
  readonly leaseMs?: number;
}

/** Milliseconds that a call waits for the server before it is decided here. */
const patienceMs = 250;

/**
 * Looks at all limits of a call, and counts it when none is reached. KEYS: for each limit, when its bucket is full again and the
 * leases of its calls in flight. ARGV: the lease, how long it holds, and for each limit its interval, burst and concurrency.
 * The clock is the server's, which all replicas share. Returns nothing, or which limit is reached and how long that lasts.
 */
const admit = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local full = {}
for i = 1, #KEYS / 2 do
  local interval, burst, most = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
  if interval > 0 then
    full[i] = math.max(tonumber(redis.call('GET', KEYS[2 * i - 1]) or now), now)
    local wait = full[i] - now - (burst - 1) * interval
    if wait > 0.01 then return { i, math.ceil(wait) } end
  end
  if most > 0 then
    redis.call('ZREMRANGEBYSCORE', KEYS[2 * i], '-inf', string.format('%.3f', now))
    if redis.call('ZCARD', KEYS[2 * i]) >= most then return { i, 0 } end
  end
end
for i = 1, #KEYS / 2 do
  local interval, most = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 2])
  if interval > 0 then
    local fullAt = full[i] + interval
    redis.call('SET', KEYS[2 * i - 1], string.format('%.3f', fullAt), 'PX', math.ceil(fullAt - now))
  end
  if most > 0 then
    redis.call('ZADD', KEYS[2 * i], string.format('%.3f', now + ARGV[2]), ARGV[1])
    redis.call('PEXPIRE', KEYS[2 * i], ARGV[2])
  end
end
return {}
`);

/** Renews leases. KEYS: where they are. ARGV: how long they hold, and the lease at each key. */
const renew = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, string.format('%.3f', now + ARGV[1]), ARGV[i + 1])
  redis.call('PEXPIRE', key, ARGV[1])
end
`);

/**
 * Counts the calls of all replicas on a Redis or Valkey server, with one question for all limits of a call. While the server does
 * not answer, each replica counts by itself: no call fails because of it.
 */
export class RedisLimiter implements RateLimiter {
  readonly #options: Required<RedisLimiterOptions>;
  readonly #table: LimitTable;
  readonly #local: MemoryLimiter;
  /** Keys at which calls in flight hold leases, by lease. */
  readonly #leases = new Map<string, readonly string[]>();
  #renewal: NodeJS.Timeout | undefined;
  /** Questions that the server has not answered in time, and may still answer. */
  #overdue = 0;

  constructor({ leaseMs = 15_000, ...options }: RedisLimiterOptions) {
    this.#options = { leaseMs, ...options };
    this.#table = new LimitTable(options.limits);
    this.#local = new MemoryLimiter(options.limits);
  }

  admit(call: LimitedCall): Admission | Promise<Admission> {
    const limits = this.#table.of(call);
    if (limits.length === 0 || this.#overdue > 0 || this.#options.connection.fault !== undefined) {
      return this.#local.admit(call);
    }
    return this.#askInTime(limits).then((answer) => answer ?? this.#local.admit(call));
  }

  /** @returns `undefined` when there is no answer in time */
  async #askInTime(limits: readonly CountedLimit[]): Promise<Admission | undefined> {
    const answer = this.#ask(limits).catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'late');
    });
    const first = await Promise.race([answer, late]);
    clearTimeout(timer);
    if (first !== 'late') return first;
    this.#overdue++;
    void answer.then((admission) => {
      this.#overdue--;
      if (admission?.admitted) admission.release();
    });
    return undefined;
  }

  async #ask(limits: readonly CountedLimit[]): Promise<Admission> {
    const { connection, leaseMs } = this.#options;
    const lease = randomUUID();
    const numbers = limits.flatMap(({ rule }) => [rule.intervalMs, rule.burst, rule.concurrency ?? 0]);
    const question = {
      keys: limits.flatMap(({ key }) => [this.#key('bucket', key), this.#key('calls', key)]),
      arguments: [lease, ...[leaseMs, ...numbers].map(String)],
    };
    const [reached, wait = 0] = await connection.run((client) => evaluate(client, admit, question));
    const refused = reached === undefined ? undefined : limits[reached - 1]?.rule;
    if (refused) return wait > 0 ? refused.tooOften(wait) : refused.tooManyAtOnce();
    const held = limits.filter(({ rule }) => rule.concurrency !== undefined);
    if (held.length > 0) {
      this.#hold(
        lease,
        held.map(({ key }) => this.#key('calls', key)),
      );
    }
    return { admitted: true, release: () => this.#release(lease) };
  }

  #hold(lease: string, keys: readonly string[]): void {
    this.#leases.set(lease, keys);
    this.#renewal ??= setInterval(() => this.#renew(), this.#options.leaseMs / 3).unref();
  }

  #release(lease: string): void {
    const keys = this.#leases.get(lease);
    if (!keys) return;
    this.#leases.delete(lease);
    if (this.#leases.size === 0) {
      clearInterval(this.#renewal);
      this.#renewal = undefined;
    }
    // Where this is lost, the lease lapses.
    const ended = this.#options.connection.run((client) => Promise.all(keys.map((key) => client.zRem(key, lease))));
    ended.catch(() => {});
  }

  #renew(): void {
    const leases = [...this.#leases].flatMap(([lease, keys]) => keys.map((key) => ({ lease, key })));
    const question = {
      keys: leases.map(({ key }) => key),
      arguments: [String(this.#options.leaseMs), ...leases.map(({ lease }) => lease)],
    };
    this.#options.connection.run((client) => evaluate(client, renew, question)).catch(() => {});
  }

  #key(kind: 'bucket' | 'calls', key: string): string {
    return `mcp:${this.#options.gateway}:limit:${kind}:${digest(key)}`;
  }
}

interface Question {
  readonly keys: string[];
  readonly arguments: string[];
}

/** A program for the server, and the digest by which it knows it. */
interface Script {
  readonly text: string;
  readonly sha1: string;
}

function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/** Sends a script only to a server that does not know it yet. */
async function evaluate(client: RedisClient, { text, sha1 }: Script, question: Question): Promise<number[]> {
  try {
    return (await client.evalSha(sha1, question)) as number[];
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    return (await client.eval(text, question)) as number[];
  }
}
