import { type Answer, ask, headerOf } from '../http.js';
import { type Advice, ok, problem, type Verdict } from '../verdict.js';
import { messageHeaders, pingBody } from './endpoint.js';

/** What a page that speaks MCP sends besides. */
const needed = ['authorization', 'content-type', 'mcp-protocol-version', 'mcp-session-id'];

/** Whether a browser lets a page of this origin call the gateway. https://fetch.spec.whatwg.org/#http-cors-protocol */
export async function allowsOrigin(url: URL, origin: string, signal: AbortSignal): Promise<Verdict> {
  const preflight = await ask(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': needed.join(','),
    },
    signal,
  });
  const refused = problem(
    `CORS error: the preflight of ${origin} gets ${describe(preflight)}`,
    adviceFor(preflight, origin),
  );
  if (preflight.status >= 300 || !names(preflight, 'access-control-allow-origin', [origin])) return refused;
  const missing = needed.filter((header) => !names(preflight, 'access-control-allow-headers', [header]));
  if (missing.length > 0) {
    return problem(`CORS error: pages may not send the header ${missing.join(', ')}`, {
      cause: 'a proxy in front answers preflights with a list of its own',
      solution: `let it pass OPTIONS on, or add ${missing.join(', ')} to its allowed headers`,
    });
  }
  const answer = await ask(url, { method: 'POST', headers: { ...messageHeaders, origin }, body: pingBody, signal });
  if (!names(answer, 'access-control-allow-origin', [origin])) {
    return problem(`CORS error: ${origin} may send requests, but not read the answer (HTTP ${answer.status})`, {
      cause: "a proxy in front answers preflights and drops the headers of the gateway's own answers",
      solution: 'let it pass access-control-allow-origin and access-control-expose-headers on',
    });
  }
  if (!names(answer, 'access-control-expose-headers', ['mcp-session-id'])) {
    return problem('CORS error: pages may not read the header Mcp-Session-Id', {
      cause: 'a proxy in front replaces access-control-expose-headers',
      solution: 'let it pass the header on, or add Mcp-Session-Id and WWW-Authenticate to it',
    });
  }
  return ok(`pages of ${origin} may call`);
}

function names(answer: Answer, header: string, values: readonly string[]): boolean {
  const listed = headerOf(answer, header)?.toLowerCase().split(/, */) ?? [];
  return listed.includes('*') || values.every((value) => listed.includes(value.toLowerCase()));
}

function describe(answer: Answer): string {
  const allowed = headerOf(answer, 'access-control-allow-origin');
  return `HTTP ${answer.status}${allowed ? ` for ${allowed}` : ' without access-control-allow-origin'}`;
}

function adviceFor({ status }: Answer, origin: string): Advice {
  if (status === 401 || status === 404 || status === 405) {
    return {
      cause: 'a proxy in front answers OPTIONS itself, and browsers send no token with it',
      solution: `pass OPTIONS on to the gateway without authentication, and set "auth": { "cors_origins": ["${origin}"] }`,
    };
  }
  return {
    cause: 'the origin is not in cors_origins: the gateway lets no page in that it does not know',
    solution: `set "auth": { "cors_origins": ["${origin}"] }, besides the origins that are there already`,
  };
}
