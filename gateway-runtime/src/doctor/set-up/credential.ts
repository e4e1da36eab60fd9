import { type HttpBackend, signingMethods } from '../../config/backend.js';
import { placesOf } from '../../config/secret-places.js';
import { identityReason } from '../identity-reasons.js';
import { adviceFor } from '../reasons.js';
import type { Subject } from '../subject.js';
import { ok, problem } from '../verdict.js';
import type { Means } from './means.js';

/** Milliseconds an identity may take: its signer gives up after 8 s, and says why. */
export const identityMs = 9000;

/** Whether there is what the gateway proves itself with to a backend: a secret, a token that is given for one, an OCI identity. */
export async function findsCredential(
  subject: Subject,
  backend: HttpBackend,
  { outboundAuth, host, redactor }: Means,
): Promise<boolean> {
  const { auth_method } = backend;
  const isSigning = signingMethods.some((method) => method === auth_method);
  const find = async () => {
    const request = {
      method: 'POST',
      url: new URL(backend.url),
      headers: { 'content-type': 'application/json' },
    } as const;
    try {
      const headers = await outboundAuth(backend).headers({ ...request, body: '{}' });
      for (const value of Object.values(headers)) redactor.add(value.replace(/^Bearer /, ''));
      return ok(
        isSigning ? `requests can be signed (${auth_method})` : `${auth_method} is there${whence(backend)}`,
        true,
      );
    } catch (error) {
      const { message } = error as Error;
      return problem(identityReason(message, host.env), adviceFor(message, backend));
    }
  };
  return (await subject.check(isSigning ? 'oci-identity' : 'credential', find, identityMs)) === true;
}

/** The place of a secret that was read: a variable, a file or an OCID, never a value. */
function whence(backend: HttpBackend): string {
  const secrets = (['bearer_token', 'api_key', 'client_secret', 'password'] as const).flatMap((secret) =>
    placesOf(secret).slice(1),
  );
  const place = secrets.find((field) => backend[field as keyof HttpBackend]);
  return place ? `, from ${place} ${String(backend[place as keyof HttpBackend])}` : '';
}
