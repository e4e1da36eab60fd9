import { normalIssuer } from '../../config/issuer.js';
import { discover } from '../discovery.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';

/** Whether an issuer calls itself what the configuration calls it, and has its keys where the configuration looks for them. */
export async function isCalledSo(issuer: string, jwksUri: string | undefined, signal: AbortSignal): Promise<Verdict> {
  if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer))
    return ok(`${issuer} is no URL, so nothing could be compared`);
  const document = await discover(new URL(issuer), signal);
  if (!document) return ok(`${issuer} publishes nothing of itself, so nothing could be compared`);
  const name = String(document.issuer);
  if (normalIssuer(name) !== normalIssuer(issuer)) {
    return problem(`the issuer is configured as ${issuer}, and calls itself ${name}`, {
      cause: 'the "iss" of its tokens is what it calls itself',
      solution: `write "${name}" in its place`,
    });
  }
  const { jwks_uri } = document;
  if (jwksUri && typeof jwks_uri === 'string' && jwks_uri !== jwksUri) {
    return warning(`its keys are fetched from ${jwksUri}, and the issuer names ${jwks_uri}`, {
      cause: 'the keys have moved, or are those of another environment',
      solution: `write "${jwks_uri}" in its place`,
    });
  }
  return ok(`${issuer} calls itself so`);
}
