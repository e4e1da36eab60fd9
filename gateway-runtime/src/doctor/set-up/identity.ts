import type { RequestSigner } from '../../auth/oci/index.js';
import type { GatewayConfig } from '../../config/index.js';
import type { Host } from '../../contracts/host.js';
import { identityReason } from '../identity-reasons.js';
import { adviceFor } from '../reasons.js';
import { Subject } from '../subject.js';
import { ok, problem } from '../verdict.js';
import { identityMs } from './credential.js';

/** Whether the gateway needs an OCI identity of its own: for secrets in Vault, its metrics or its audit records. */
function needsIdentity(config: GatewayConfig): boolean {
  return (
    config.metrics !== undefined ||
    config.audit?.oci_logging !== undefined ||
    JSON.stringify(config).includes('_secret_id":"')
  );
}

/** Looks at the identity with which the gateway reads secrets, publishes metrics and sends audit records. @returns nothing when it needs none */
export async function examineIdentity(
  config: GatewayConfig,
  signer: RequestSigner,
  environment: Host['env'],
  timeoutMs: number,
): Promise<Subject[]> {
  if (!needsIdentity(config)) return [];
  const subject = new Subject('identity of the gateway', timeoutMs);
  await subject.check(
    'oci-identity',
    async () => {
      try {
        const region = await signer.region();
        return ok(`requests can be signed (${config.oci_auth_method})${region ? ` in ${region}` : ''}`);
      } catch (error) {
        const { message } = error as Error;
        return problem(identityReason(message, environment), adviceFor(message));
      }
    },
    identityMs,
  );
  return [subject];
}
