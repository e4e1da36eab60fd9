import { isAbsolute } from 'node:path';
import fileKey from 'oci-common/lib/auth/file-based-key-supplier.js';
import fileFederation from 'oci-common/lib/auth/file-based-resource-principal-federation-client.js';
import fixedKey from 'oci-common/lib/auth/fixed-content-key-supplier.js';
import fixedFederation from 'oci-common/lib/auth/fixed-content-resource-principal-federation-client.js';
import provider from 'oci-common/lib/auth/resource-principal-authentication-details-provider.js';
import { UpstreamError } from '../../errors.js';
import { defaultOf } from './interop.js';
import type { Environment, PrincipalSource } from './principal.js';

const where =
  'OCI sets it on container instances, functions, model deployments and hosted applications; ' +
  'elsewhere choose another auth_method';

/**
 * The resource the gateway runs in: token and key from the environment or, renewed by the platform, from files.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdk_authentication_methods.htm#sdk_authentication_methods_resource_principal
 */
export function resourcePrincipal(environment: Environment): PrincipalSource {
  return async () => {
    const version = read(environment, 'OCI_RESOURCE_PRINCIPAL_VERSION');
    if (version !== '2.2') {
      throw new UpstreamError(`OCI_RESOURCE_PRINCIPAL_VERSION is "${version.slice(0, 20)}", and only 2.2 can be used`);
    }
    const token = read(environment, 'OCI_RESOURCE_PRINCIPAL_RPST');
    const key = read(environment, 'OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM');
    const passphrase = environment.OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE || undefined;
    const keys = keySupplier(key, passphrase);
    const federation = isAbsolute(token)
      ? new (defaultOf(fileFederation))(keys, token)
      : new (defaultOf(fixedFederation))(token, keys);
    // The region tells where services are, which a signature does not need.
    return new (defaultOf(provider))(federation, keys, undefined as never);
  };
}

function keySupplier(key: string, passphrase: string | undefined) {
  try {
    return isAbsolute(key) ? new (defaultOf(fileKey))(key, passphrase) : new (defaultOf(fixedKey))(key, passphrase);
  } catch {
    throw new UpstreamError('OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM names no private key that can be read');
  }
}

function read(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new UpstreamError(`${name} is not set; ${where}`);
  return value;
}
