import { readFileSync } from 'node:fs';
import provider from 'oci-common/lib/auth/oke-workload-identity-authentication-details-provider.js';
import sessionKeys from 'oci-common/lib/auth/session-key-supplier.js';
import federation from 'oci-common/lib/auth/X509-federation-client-for-oke-workload-identity.js';
import { UpstreamError } from '../../errors.js';
import { defaultOf } from './interop.js';
import type { Environment, PrincipalSource } from './principal.js';

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Port of the service that exchanges tokens, unless the cluster names another. */
const proxymuxPort = '12250';

/**
 * The Kubernetes service account of the gateway's pod, in an enhanced OKE cluster. Building it again reads the service
 * account token again, which the SDK never does by itself.
 * https://docs.oracle.com/en-us/iaas/Content/ContEng/Tasks/contenggrantingworkloadaccesstoresources.htm
 */
export function workloadIdentity(environment: Environment): PrincipalSource {
  return async () => {
    const host = environment.KUBERNETES_SERVICE_HOST;
    if (!host) {
      throw new UpstreamError('KUBERNETES_SERVICE_HOST is not set; outside Kubernetes choose another auth_method');
    }
    const port = environment.KUBERNETES_SERVICE_PORT_PROXYMUX || proxymuxPort;
    const certificate = environment.OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH || `${serviceAccount}/ca.crt`;
    const token = environment.OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH || `${serviceAccount}/token`;
    const keys = new (defaultOf(sessionKeys))();
    const url = `https://${host}:${port}/resourcePrincipalSessionTokens`;
    const client = new (defaultOf(federation))(url, read(token).trim(), read(certificate), keys);
    return new (defaultOf(provider))(client, keys);
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UpstreamError(`${file} cannot be read (${code}); the pod needs its service account token mounted`);
  }
}
