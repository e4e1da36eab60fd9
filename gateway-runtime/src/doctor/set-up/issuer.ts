import { differBySlash, discover } from '../discovery.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';

/** Whether an issuer calls itself what the configuration calls it, and has its keys where the configuration looks for them. */
export async function isCalledSo(issuer: string, jwksUri: string | undefined, signal: AbortSignal): Promise<Verdict> {
  if (!/^https?:\/\//.test(issuer) || !URL.canParse(issuer))
    return ok(`${issuer} is no URL, so nothing could be compared`);
  const document = await discover(new URL(issuer), signal);
  if (!document) return ok(`${issuer} publishes nothing of itself, so nothing could be compared`);
  const name = String(document.issuer);
  if (name !== issuer) {
    return problem(`jwt_issuer is ${issuer}, and the issuer calls itself ${name}`, {
      cause: differBySlash(name, issuer)
        ? 'the two differ by a slash at the end, and the "iss" of tokens is compared exactly'
        : 'the "iss" of its tokens is what it calls itself',
      solution: `set "auth": { "jwt_issuer": "${name}" }`,
    });
  }
  const { jwks_uri } = document;
  if (jwksUri && typeof jwks_uri === 'string' && jwks_uri !== jwksUri) {
    return warning(`jwt_jwks_uri is ${jwksUri}, and the issuer names ${jwks_uri}`, {
      cause: 'the keys have moved, or are those of another environment',
      solution: `set "auth": { "jwt_jwks_uri": "${jwks_uri}" }`,
    });
  }
  return ok(`${issuer} calls itself so`);
}
