import { ConfigFileAuthenticationDetailsProvider } from 'oci-common/lib/auth/config-file-auth.js';
import { SessionAuthDetailProvider } from 'oci-common/lib/auth/session-auth-details-provider.js';
import { UpstreamError } from '../../errors.js';
import type { Environment, PrincipalChoice, PrincipalSource } from './principal.js';
import { Session } from './session.js';

/**
 * A user's API key, from an OCI configuration file.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdkconfig.htm
 */
export function configFile(environment: Environment, choice: PrincipalChoice): PrincipalSource {
  return async () => {
    const { file, profile } = placeOf(environment, choice);
    const provider = read(file, profile, () => new ConfigFileAuthenticationDetailsProvider(file, profile));
    if (provider.getAuthType()) {
      throw new UpstreamError(`profile ${profile} of ${file} sets authentication_type; choose that as auth_method`);
    }
    if (provider.sessionToken) {
      throw new UpstreamError(`profile ${profile} of ${file} holds a session token; choose session_token`);
    }
    return provider;
  };
}

/**
 * A session of a user, as `oci session authenticate` leaves it in the configuration file.
 * https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/clitoken.htm
 */
export function sessionToken(environment: Environment, choice: PrincipalChoice): PrincipalSource {
  return async () => {
    const { file, profile } = placeOf(environment, choice);
    const provider = read(file, profile, () => new SessionAuthDetailProvider(file, profile));
    if (!provider.sessionToken) {
      throw new UpstreamError(`profile ${profile} of ${file} has no security_token_file; run oci session authenticate`);
    }
    return new Session(provider, provider.sessionToken, environment);
  };
}

function placeOf(environment: Environment, { profile, configFile }: PrincipalChoice) {
  return {
    file: configFile ?? (environment.OCI_CONFIG_FILE || '~/.oci/config'),
    profile: profile ?? 'DEFAULT',
  };
}

/** The SDK's errors may quote the file: what they are about is told in our own words. */
function read<T>(file: string, profile: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const message = String(error);
    const field = /missing (\w+) in config/.exec(message)?.[1] ?? (/Region not specified/.test(message) && 'region');
    if (field) throw new UpstreamError(`profile ${profile} of ${file} has no ${field}`);
    if (/No profile named/.test(message)) throw new UpstreamError(`${file} has no profile ${profile}`);
    if (/File does not exist/.test(message)) throw new UpstreamError(`${file} does not exist; set oci_config_file`);
    if (/Failed to read private key/.test(message)) {
      throw new UpstreamError(`a file that profile ${profile} of ${file} names cannot be read`);
    }
    throw new UpstreamError(`${file} is not an OCI configuration file that can be read`);
  }
}
