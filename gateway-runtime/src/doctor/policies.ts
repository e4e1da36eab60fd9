import type { Backend, SigningMethod } from '../config/backend.js';
import { signingMethods } from '../config/backend.js';
import type { Advice } from './verdict.js';

/** What a caller of an OCI service needs, by the host of its endpoint. */
const permissions: readonly (readonly [host: RegExp, permission: string, where?: string])[] = [
  [/(^|\.)modeldeployment\./, '{DATA_SCIENCE_MODEL_DEPLOYMENT_PREDICT}'],
  [/\.functions\./, 'use fn-invocation', "target.function.id='<function OCID>'"],
  [/(^|\.)generativeai\./, '{GENERATIVE_AI_HOSTED_DEPLOYMENT_INVOKE}'],
];

/** The rows of "who": a dynamic group for what runs in OCI, except pods, which none can hold. */
function subjectOf(method: SigningMethod): { subject: string; condition?: string } {
  if (method === 'oke_workload_identity') {
    return {
      subject: 'any-user',
      condition:
        "request.principal.type='workload', request.principal.namespace='<namespace>', request.principal.service_account='<service account>', request.principal.cluster_id='<cluster OCID>'",
    };
  }
  const isUser = method === 'oci_config' || method === 'session_token';
  return { subject: isUser ? 'group <group of the user>' : 'dynamic-group <group of the gateway>' };
}

/** The statement that lets an identity call what is at this host. */
export function statementFor(method: SigningMethod, host: string): string {
  const [, permission = '<verb and resource of the service>', target] =
    permissions.find(([pattern]) => pattern.test(host)) ?? [];
  const { subject, condition } = subjectOf(method);
  const where = condition ? `all {${[condition, target].filter(Boolean).join(', ')}}` : target;
  return `Allow ${subject} to ${permission} in compartment id <compartment OCID>${where ? ` where ${where}` : ''}`;
}

/** What to do when OCI refuses a signed request; `undefined` for a backend without signatures. */
export function policyAdvice(backend: Backend): Advice | undefined {
  const method = signingMethods.find((known) => known === backend.auth_method);
  if (!method || !('url' in backend) || !URL.canParse(backend.url)) return undefined;
  return {
    cause:
      'OCI answers 404 as well as 401 and 403 when no policy allows the call; also a wrong OCID in the url, or a clock that is off by more than 5 minutes',
    solution: `add the statement: ${statementFor(method, new URL(backend.url).hostname)}; policies take a few minutes, a cached token of a resource principal up to 15`,
  };
}
