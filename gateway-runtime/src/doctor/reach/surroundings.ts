import { isLoopback } from '../../config/loopback.js';

/** What lies between here and a server, which decides where to look when it cannot be reached. */
export type Surroundings = 'loopback' | 'kubernetes' | 'oci' | 'network';

/** Guesses it from the name of the host. */
export function surroundingsOf(host: string): Surroundings {
  if (isLoopback(host)) return 'loopback';
  if (/\.svc(\.|$)/.test(host)) return 'kubernetes';
  return /\.(oraclecloud\d*|oci\.customer-oci)\.com$/.test(host) ? 'oci' : 'network';
}

/** How pods of a service are looked at: `kubectl -n mcp get service,endpointslices,pods`. */
export function kubectlFor(host: string): string {
  const [service, namespace = 'mcp'] = host.split('.');
  return (
    `kubectl -n ${namespace} get pods,service/${service}; ` +
    `kubectl -n ${namespace} get endpointslices -l kubernetes.io/service-name=${service}`
  );
}
