import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Heard, PeerConnect, PeerOutcome } from './peer-client.js';
import { quiet, spawnPeer } from './peer-servers.js';
import { type PythonEnvironment, pythonOf } from './python.js';

/** What a client program says: how a command ended, or what one of its sessions heard. */
type Said = ({ readonly id: number } & PeerOutcome) | { readonly session: string; readonly heard: Heard };

/** A Python program that is the client of many sessions; it starts with the first one. */
class PythonClient {
  readonly #program: readonly [PythonEnvironment, string];
  readonly #waiting = new Map<number, (outcome: PeerOutcome) => void>();
  readonly #heard = new Map<string, Heard[]>();
  #child: ChildProcess | undefined;
  #last = 0;

  constructor(...program: [PythonEnvironment, string]) {
    this.#program = program;
  }

  /** The connect function of tests. */
  get connect(): PeerConnect {
    return async (target, era) => {
      const session = `session ${++this.#last}`;
      const heard: Heard[] = [];
      this.#heard.set(session, heard);
      const outcome = await this.#do({ do: 'connect', session, target, era });
      if ('error' in outcome) throw new Error(outcome.error.message);
      return {
        era,
        heard,
        request: (method, params, options) => this.#do({ do: 'request', session, method, params, ...options }),
        listen: async (uri) => {
          const listening = await this.#do({ do: 'listen', session, uri });
          if ('error' in listening) throw new Error(listening.error.message);
        },
        close: async () => void (await this.#do({ do: 'close', session })),
      };
    };
  }

  #do(command: object): Promise<PeerOutcome> {
    const id = ++this.#last;
    this.#child ??= this.#start();
    this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #start(): ChildProcess {
    const [environment, name] = this.#program;
    const child = spawnPeer(pythonOf(environment), [...quiet, join(__dirname, '../python', name)]);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const { id, session, heard, ...outcome } = JSON.parse(line) as Said & {
        id: number;
        session: string;
        heard: Heard;
      };
      if (id === undefined) this.#heard.get(session)?.push(heard);
      else this.#waiting.get(id)?.(outcome as PeerOutcome);
    });
    return child;
  }
}

/** A client of the Python SDK v1, which knows the legacy era only. */
export const connectPython1: PeerConnect = (target, era) => python1.connect(target, era);

/** A client of the Python SDK v2. */
export const connectPython2: PeerConnect = (target, era) => python2.connect(target, era);

/** A client of FastMCP. */
export const connectFastMcp: PeerConnect = (target, era) => fastMcp.connect(target, era);

const python1 = new PythonClient('mcp-1', 'client_mcp1.py');
const python2 = new PythonClient('mcp-2', 'client_mcp2.py');
const fastMcp = new PythonClient('fastmcp', 'client_fastmcp.py');
