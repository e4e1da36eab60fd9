import { lookup } from 'node:dns/promises';
import { ok, problem, type Verdict } from '../verdict.js';
import { kubectlFor, surroundingsOf } from './surroundings.js';

/** Whether a host has an address. */
export async function resolves(host: string): Promise<Verdict<true>> {
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} is ${addresses.map(({ address }) => address).join(', ')}`, true);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTFOUND') {
      return problem(`${host} cannot be looked up (${code})`, {
        cause: 'no name server answers: it is down, or a security rule or a NetworkPolicy keeps port 53 closed',
        solution:
          'let UDP and TCP port 53 out to the resolver of the VCN (169.254.169.254) or to kube-dns, and try again',
      });
    }
    return problem(`${host} has no address`, adviceFor(host));
  }
}

function adviceFor(host: string) {
  if (surroundingsOf(host) === 'kubernetes') {
    return {
      cause: 'there is no such Service in that namespace, or this runs outside the cluster',
      solution: `look for it with ${kubectlFor(host)}; run the doctor where the gateway runs: kubectl -n mcp exec deploy/<gateway> -- node /app/main.js doctor`,
    };
  }
  return {
    cause: 'the name is misspelt, has no DNS record yet, or is known in another network only',
    solution: `correct the host in the url, add a DNS record, or resolve it from the VCN: a private view for ${host}`,
  };
}
