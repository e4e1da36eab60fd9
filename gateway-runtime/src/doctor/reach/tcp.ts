import { connect } from 'node:net';
import { type Advice, ok, problem, type Verdict } from '../verdict.js';
import { kubectlFor, type Surroundings, surroundingsOf } from './surroundings.js';

/** Where something listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Whether a port takes connections; if not, whether it is closed or nothing comes back. */
export async function accepts({ host, port }: Place, timeoutMs: number): Promise<Verdict<true>> {
  const code = await attempt({ host, port }, timeoutMs);
  const place = `${host}:${port}`;
  const surroundings = surroundingsOf(host);
  if (code === undefined) return ok(`${place} takes connections`, true);
  if (code === 'ECONNREFUSED') return problem(`connection refused by ${place}`, refused(host, port, surroundings));
  if (code === 'TIMEOUT' || code === 'ETIMEDOUT') {
    return problem(`timeout: ${place} does not answer within ${timeoutMs / 1000} s`, silent(host, port, surroundings));
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return problem(`${place} is unreachable (${code})`, {
      cause: 'there is no route to it from here, or something on the way says so',
      solution: `add a route to the VCN's route table: a service or NAT gateway for addresses outside, a DRG or a local peering gateway for another VCN; on Kubernetes, look at the NetworkPolicy of the namespace`,
    });
  }
  return problem(`connection to ${place} broken (${code})`, {
    cause: 'a proxy, a firewall or the server itself ends connections',
    solution: 'look at the log of the server, and at firewalls and proxies in between',
  });
}

/** @returns the code of the failure; `undefined` when it worked */
function attempt(place: Place, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(place);
    const timer = setTimeout(() => finish('TIMEOUT'), timeoutMs - Math.min(100, timeoutMs / 10));
    const finish = (code?: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(code);
    };
    socket.once('connect', () => finish());
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.name));
  });
}

function refused(host: string, port: number, surroundings: Surroundings): Advice {
  const look: Record<Surroundings, string> = {
    loopback: `see what listens with ss -ltnp 'sport = :${port}'`,
    kubernetes: `see whether pods are ready and which port they have with ${kubectlFor(host)}`,
    oci: 'see whether the resource is active in the console',
    network: `see on its machine what listens with ss -ltnp 'sport = :${port}'`,
  };
  return {
    cause: `nothing listens on port ${port}: the server is not running, listens on another port or on 127.0.0.1 of its own container only, or speaks stdio`,
    solution: `start the server with its transport set to streamable_http on 0.0.0.0:${port}, or correct the port in the url; ${look[surroundings]}`,
  };
}

function silent(host: string, port: number, surroundings: Surroundings): Advice {
  if (surroundings === 'kubernetes') {
    return {
      cause: 'a NetworkPolicy drops the connection, or the nodes cannot reach each other',
      solution: `allow TCP ${port} from the pods of the gateway in the NetworkPolicy of the server (kubectl -n ${host.split('.')[1]} get networkpolicies), and between the nodes in their network security group`,
    };
  }
  return {
    cause:
      'a security list, a network security group (NSG) or a firewall drops the packets, there is no route back, or the address is wrong',
    solution: `allow TCP ${port} as ingress at the server's NSG or security list and as egress at the caller's; check the VCN's route tables on both sides, and that ${host} is the address of the server`,
  };
}
