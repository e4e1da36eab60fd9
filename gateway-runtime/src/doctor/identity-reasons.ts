import type { Backend, SigningMethod } from '../config/backend.js';
import { statementFor } from './policies.js';
import type { Advice } from './verdict.js';

/** Whether the gateway could not sign a request at all. */
export function isIdentityReason(reason: string): boolean {
  return reason.includes('cannot sign requests');
}

/** What a platform sets for its resource principal. */
const variables = ['VERSION', 'RPST', 'PRIVATE_PEM'].map((name) => `OCI_RESOURCE_PRINCIPAL_${name}`);

/** A reason in full: the gateway names the first variable that is missing. */
export function identityReason(reason: string, environment: Readonly<Record<string, string | undefined>>): string {
  const missing = variables.filter((name) => !environment[name]);
  if (!reason.includes('(resource_principal)') || missing.length === 0) return reason;
  return `Resource principal not configured: not set are ${missing.join(', ')}`;
}

/** By the method that was to sign, what is missing, and what gives an identity its rights. */
const advices: Record<SigningMethod, (statement: string) => Advice> = {
  resource_principal: (statement) => ({
    cause:
      'the gateway does not run on a container instance, a function, a model deployment or a hosted application, or its resource principal is switched off',
    solution:
      'run it there, or choose another auth_method (OKE: oke_workload_identity; a compute instance: instance_principal; a workstation: oci_config). ' +
      "Then create a dynamic group that matches the resource, such as ALL {resource.type='computecontainerinstance', resource.compartment.id='<compartment OCID>'}, " +
      `and a policy: ${statement}`,
  }),
  instance_principal: (statement) => ({
    cause:
      'this is no compute instance, or a NetworkPolicy or a firewall keeps the instance metadata service at 169.254.169.254 closed',
    solution:
      'allow TCP 80 to 169.254.169.254, or choose another auth_method. ' +
      `Then create a dynamic group such as ANY {instance.compartment.id='<compartment OCID>'}, and a policy: ${statement}`,
  }),
  oke_workload_identity: (statement) => ({
    cause:
      'this is no pod of an enhanced OKE cluster (a basic one has no workload identity), the service account token is not mounted, or port 12250 is closed',
    solution:
      'make it an enhanced cluster (type ENHANCED_CLUSTER), and leave automountServiceAccountToken on; ' +
      `add the policy: ${statement}`,
  }),
  oci_config: () => ({
    cause: 'the OCI configuration file, its profile or the key that it names is missing where the gateway runs',
    solution:
      'mount the file and the key, and set oci_config_file and oci_profile; try them with oci iam region list --profile <profile>',
  }),
  session_token: () => ({
    cause: 'the session of the user has expired or was never begun',
    solution: 'run oci session authenticate, or oci session refresh --profile <profile>',
  }),
};

/** What to do when there is no identity. */
export function identityAdvice(reason: string, backend?: Backend): Advice {
  const named = /cannot sign requests \((\w+)\)/.exec(reason)?.[1] as SigningMethod;
  const method = Object.hasOwn(advices, named) ? named : 'resource_principal';
  return advices[method](statementFor(method, backend && 'url' in backend ? new URL(backend.url).hostname : ''));
}
