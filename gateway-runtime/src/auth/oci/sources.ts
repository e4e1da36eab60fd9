import type { SigningMethod } from '../../config/backend.js';
import { configFile, sessionToken } from './config-file.js';
import { instancePrincipal } from './instance-principal.js';
import type { Environment, PrincipalChoice, PrincipalSource } from './principal.js';
import { resourcePrincipal } from './resource-principal.js';
import { workloadIdentity } from './workload-identity.js';

/** One line per method. */
const sources: Record<SigningMethod, (environment: Environment, choice: PrincipalChoice) => PrincipalSource> = {
  resource_principal: resourcePrincipal,
  instance_principal: instancePrincipal,
  oke_workload_identity: workloadIdentity,
  oci_config: configFile,
  session_token: sessionToken,
};

/** Where the chosen principal comes from. Loads the OCI SDK with it, so import this file when it is needed only. */
export function principalSource(choice: PrincipalChoice, environment: Environment): PrincipalSource {
  return sources[choice.method](environment, choice);
}
