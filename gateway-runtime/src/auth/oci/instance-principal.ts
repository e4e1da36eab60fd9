import builder from 'oci-common/lib/auth/instance-principals-authentication-detail-provider.js';
import type SessionKeySupplier from 'oci-common/lib/auth/models/session-key-supplier.js';
import { UpstreamError } from '../../errors.js';
import { defaultOf } from './interop.js';
import type { Environment, PrincipalSource } from './principal.js';

class InstanceBuilder extends defaultOf(builder) {
  /**
   * Makes the client of the federation service use `node-fetch`, as the SDK does whenever it is given an agent. Node's
   * own `fetch` sends through the connections of the `undici` package once that is loaded, which refuse the length
   * that was signed.
   */
  protected override createFederationClient(keys: SessionKeySupplier.default) {
    const client = super.createFederationClient(keys);
    Object.assign((client as unknown as { httpClient: object }).httpClient, {
      httpOptions: { agent: () => undefined },
    });
    return client;
  }
}

/**
 * The compute instance the gateway runs on. The two variables are those other OCI SDKs read for the same purpose.
 * https://docs.oracle.com/en-us/iaas/Content/Identity/Tasks/callingservicesfrominstances.htm
 */
export function instancePrincipal(environment: Environment): PrincipalSource {
  // One builder for all attempts: each has circuit breakers with timers of their own.
  const instance = new InstanceBuilder();
  if (environment.OCI_METADATA_BASE_URL) instance.metadataBaseUrl = environment.OCI_METADATA_BASE_URL;
  if (environment.OCI_SDK_AUTH_CLIENT_REGION_URL)
    instance.federationEndpoint = environment.OCI_SDK_AUTH_CLIENT_REGION_URL;
  return async () => {
    try {
      return await instance.build();
    } catch {
      throw new UpstreamError(
        'the instance metadata service gives no identity; compute instances have one, elsewhere choose another auth_method',
      );
    }
  };
}
