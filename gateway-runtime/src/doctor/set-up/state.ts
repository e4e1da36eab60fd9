import type { StateConfig } from '../../config/state.js';
import { type PasswordSource, RedisConnection } from '../../state/redis-connection.js';
import { isReachable } from '../reach/reach.js';
import { Subject } from '../subject.js';
import { type Advice, ok, problem, type Verdict } from '../verdict.js';

/** What the server of the shared state is reached with. */
export interface StateAccess {
  readonly config: StateConfig;
  readonly password?: PasswordSource;
  /** Name of the gateway, which is in the name of its channel. */
  readonly gateway: string;
}

/** Looks at where replicas share sessions. */
export async function examineState(access: StateAccess, timeoutMs: number): Promise<Subject> {
  const subject = new Subject('shared state', timeoutMs);
  if (await isReachable(subject, new URL(access.config.url))) {
    await subject.check('state', (signal) => takesCommands(access, signal));
  }
  return subject;
}

/** Connects as the gateway does, and waits until that worked or failed. */
async function takesCommands({ config, password, gateway }: StateAccess, signal: AbortSignal): Promise<Verdict> {
  const fault = await new Promise<string | undefined>((resolve) => {
    const connection = new RedisConnection({
      config,
      password,
      logger: {
        debug: () => {},
        info: () => {},
        error: () => {},
        warn: (fields) => finish(String(Object(fields).reason)),
      },
    });
    connection.listen({
      channel: `mcp:${gateway}:sessions`,
      onMessage: () => {},
      onConnected: () => finish(undefined),
    });
    const finish = (reason: string | undefined) => {
      connection.close();
      resolve(reason);
    };
    signal.addEventListener('abort', () => finish('did not answer in time'), { once: true });
    connection.start();
  });
  return fault === undefined ? ok('takes commands and messages') : problem(fault, adviceFor(fault, config));
}

function adviceFor(fault: string, { url }: StateConfig): Advice {
  if (/NOAUTH|WRONGPASS|credential/.test(fault)) {
    return {
      cause: 'the server wants a user or a password, or others than these',
      solution: 'set state.password_env, password_file or password_secret_id, and state.username where users are kept',
    };
  }
  if (/NOPERM/.test(fault)) {
    return {
      cause: 'the user may not do what the gateway needs',
      solution:
        'allow it keys and channels that begin with mcp: and the commands ping, hgetall, hset, hdel, del, pexpire, publish, subscribe, multi, exec; for limits also evalsha, eval, time, get, set, zadd, zrem, zcard, zremrangebyscore',
    };
  }
  const isPlain = url.startsWith('redis:');
  return {
    cause: isPlain
      ? 'the server wants TLS, as OCI Cache does, or is no Redis or Valkey server'
      : 'the server speaks no TLS on this port, or is overloaded',
    solution: isPlain ? 'write rediss:// in state.url' : 'check the port in state.url, and the metrics of the cache',
  };
}
