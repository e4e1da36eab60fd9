import { localFileName } from './local-file';
import type { LocalBackend } from './local-plan';

/** A backend, and what became of it. */
export interface BackendState {
  readonly name: string;
  readonly state: 'runs' | 'elsewhere' | 'left out' | 'failed';
  /** How it runs: `python-server`, `child process of the gateway`. Why it does not, where it does not. */
  readonly how: string;
  /** Names of its tools as clients see them. */
  readonly tools: readonly string[];
  /** Variables that it would have in the cloud and does not have here. */
  readonly missing: readonly string[];
  /** Whether it was started since the last event. */
  readonly isNew: boolean;
}

/** Whether a backend is this machine's to run. */
export function isHere({ run }: LocalBackend): boolean {
  return run.kind !== 'remote' && run.kind !== 'elsewhere';
}

/** Where a backend runs. */
export function stateOf({ run }: LocalBackend): BackendState['state'] {
  return run.kind === 'remote' ? 'left out' : run.kind === 'elsewhere' ? 'elsewhere' : 'runs';
}

/** How a backend runs, or why it does not. */
export function howOf({ run }: LocalBackend): string {
  switch (run.kind) {
    case 'remote':
      return run.reason;
    case 'elsewhere':
      return run.url;
    case 'program':
      return `${run.command.join(' ')} (${localFileName})`;
    case 'child':
      return `${run.command.join(' ')}, child process of the gateway`;
    default:
      return run.kind.replace('-', ' ');
  }
}
