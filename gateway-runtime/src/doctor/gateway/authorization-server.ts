import { withoutCredentials } from '../../config/faults.js';
import { differBySlash, discover } from '../discovery.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';

/** Whether clients can use the authorization server that they are told. https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization */
export async function describesAuthorization(server: string, signal: AbortSignal): Promise<Verdict> {
  const name = withoutCredentials(server);
  if (!URL.canParse(server)) {
    return problem(`${name} is not a URL`, {
      cause: 'the issuer of the tokens is no URL, and nothing else is configured',
      solution: 'set "auth": { "authorization_servers": ["https://<where clients get tokens>"] }',
    });
  }
  const document = await discover(new URL(server), signal);
  if (!document) {
    return problem(`${name} has no metadata that can be read`, {
      cause: 'it is not the address of an authorization server, cannot be reached from here, or publishes no metadata',
      solution: `set auth.authorization_servers to the issuer of the tokens, whose /.well-known/oauth-authorization-server or /.well-known/openid-configuration is public; for an identity domain that is the URL of the domain`,
    });
  }
  const issuer = String(document.issuer);
  if (issuer !== server) {
    return warning(`${name} calls itself ${withoutCredentials(issuer)}`, {
      cause: differBySlash(issuer, server)
        ? 'the two differ by a slash at the end, and clients compare them exactly (RFC 8414)'
        : 'clients compare the two (RFC 8414) and may refuse; identity domains all call themselves https://identity.oraclecloud.com/',
      solution: differBySlash(issuer, server)
        ? `set "auth": { "authorization_servers": ["${issuer}"] }`
        : 'give clients that refuse a token by hand, or put an authorization server in front that has one name',
    });
  }
  const methods = document.code_challenge_methods_supported;
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    return warning(`${name} does not say that it supports PKCE with S256`, {
      cause:
        'code_challenge_methods_supported is missing from its metadata, and MCP clients refuse to go on without it',
      solution: 'switch PKCE on at the authorization server, or use clients that get their tokens otherwise',
    });
  }
  return ok(`${name} can be used by clients`);
}
