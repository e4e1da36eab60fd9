import type { BackendCommon } from '../config/backend.js';

/** Variables of the gateway's environment that a child gets; everything else, secrets above all, stays here. */
const inherited = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'];

/** What `OCI_CLI_AUTH` is called for each identity a child can have. */
const cliAuth: Partial<Record<BackendCommon['auth_method'], string>> = {
  resource_principal: 'resource_principal',
  instance_principal: 'instance_principal',
  oke_workload_identity: 'oke_workload_identity',
  session_token: 'security_token',
};

/** The environment of a child process: a few inherited variables, its OCI identity, and `env` above both. */
export function childEnvironment(
  backend: BackendCommon,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const { auth_method, oci_profile, oci_region, oci_config_file } = backend;
  const usesFile = auth_method === 'oci_config' || auth_method === 'session_token';
  const variables: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited.map((name) => [name, environment[name]])),
    ...(auth_method !== 'none' && { OCI_REGION: oci_region, OCI_CLI_AUTH: cliAuth[auth_method] }),
    ...(usesFile && { OCI_PROFILE: oci_profile, OCI_CONFIG_FILE: oci_config_file }),
    ...backend.env,
  };
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
