// Finds the Redis or Valkey server that tests of shared sessions start.
import { spawnSync } from 'node:child_process';

/** @returns why there is none; undefined where all is well */
export function missingRedis() {
  const isThere = ['redis-server', 'valkey-server'].some(
    (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
  );
  return isThere ? undefined : 'Neither redis-server nor valkey-server is installed';
}
