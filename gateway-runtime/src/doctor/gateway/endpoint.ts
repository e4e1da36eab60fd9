import { withoutCredentials } from '../../config/faults.js';
import { type Answer, ask, headerOf } from '../http.js';
import { type Advice, ok, problem, type Verdict } from '../verdict.js';

/** What every MCP endpoint answers, if only with a refusal, and what begins nothing. */
export const pingBody = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** Headers of a message. */
export const messageHeaders = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** Asks without a token. @throws when no answer comes */
export function pingWithoutToken(url: URL, signal: AbortSignal): Promise<Answer> {
  return ask(url, { method: 'POST', headers: messageHeaders, body: pingBody, signal });
}

/** Whether what answers at this path is an MCP endpoint. */
export async function answersMcp(url: URL, signal: AbortSignal): Promise<Verdict<Answer>> {
  const answer = await pingWithoutToken(url, signal).catch(hungUp);
  if (!answer) {
    return problem('the connection ended before an answer', {
      cause: 'the server speaks TLS on this port, or it crashed, or a proxy in front ended the connection',
      solution: 'write https:// in the URL of a server with TLS; else look at its log for the time of this run',
    });
  }
  if (isMcp(answer)) return ok(`MCP answers at ${url.pathname} (HTTP ${answer.status})`, answer);
  const { status } = answer;
  return problem(`HTTP ${status}${kindOf(answer)} at ${url.pathname}`, adviceFor(url, answer));
}

/** @throws whatever else it was */
function hungUp(error: unknown): undefined {
  const { code = '' } = error as { code?: string };
  if (!['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)) throw error;
}

/** Whether an answer is one of JSON-RPC, or a refusal of who may not ask. */
export function isMcp(answer: Answer): boolean {
  const { status, json, headers } = answer;
  if (status === 401) return !wantsPassword(answer) && !isHtml(answer);
  if (headers.location !== undefined || status === 404 || status === 405 || status >= 500) return false;
  return json.jsonrpc === '2.0' && !/Host is not served/.test(messageOf(json));
}

/** The message of a JSON-RPC error. */
export function messageOf({ error }: Answer['json']): string {
  const { message } = Object(error);
  return typeof message === 'string' ? message.slice(0, 200) : '';
}

/** Whether somebody wants a user and a password, which MCP clients have none of. */
function wantsPassword(answer: Answer): boolean {
  return /^(Basic|Digest|Negotiate)\b/i.test(headerOf(answer, 'www-authenticate') ?? '');
}

function isHtml(answer: Answer): boolean {
  return headerOf(answer, 'content-type')?.includes('html') === true || /^\s*<(!doctype )?html/i.test(answer.text);
}

function kindOf(answer: Answer): string {
  if (isHtml(answer)) return ' with an HTML page';
  return messageOf(answer.json) && ` (${messageOf(answer.json)})`;
}

function adviceFor(url: URL, answer: Answer): Advice {
  const { status } = answer;
  const location = headerOf(answer, 'location');
  if (location && URL.canParse(location, url.href)) return redirected(new URL(location, url));
  if (status === 401 && wantsPassword(answer)) {
    return {
      cause: 'a proxy in front asks for a user and a password, which MCP clients do not have',
      solution: 'let it pass this path on without authentication: the gateway asks for a token itself',
    };
  }
  if (status === 404) return notThere(url, answer);
  if (status === 405) {
    return {
      cause:
        'what answers here takes no POST: a web server, a health check, or the stream of the older HTTP+SSE transport',
      solution: 'use the path of the MCP endpoint, /mcp unless the configuration says another one',
    };
  }
  if (/Host is not served/.test(messageOf(answer.json))) {
    return {
      cause: `the gateway listens on a loopback address and is reached by the name ${url.host}, which it does not know for its own`,
      solution: `set "auth": { "resource_url": "${withoutCredentials(url.href)}" }, or let the proxy send Host: 127.0.0.1`,
    };
  }
  if (status >= 500 && !isHtml(answer) && messageOf(answer.json)) {
    return {
      cause: 'the gateway is ending, or something it depends on does not answer',
      solution:
        'look at its log for the time of this run; check it from the inside with oci-mcp-gateway doctor where it runs',
    };
  }
  if ([502, 503, 504].includes(status)) {
    return {
      cause: 'a load balancer, an API Gateway or an ingress answers, which has no healthy gateway behind it',
      solution:
        'look at its backend set and health check (path /health, port of the gateway), the pods of the gateway, and the security rules between the two',
    };
  }
  if (isHtml(answer)) {
    return {
      cause: 'a proxy, a login page or another web server answers in place of the gateway',
      solution: 'route this path to the gateway; an MCP endpoint must not be behind a login for browsers',
    };
  }
  return {
    cause: 'another server than an MCP gateway answers at this address',
    solution: 'check host, port and path of the URL; the log line "gateway is listening" names those of the gateway',
  };
}

function redirected(target: URL): Advice {
  return {
    cause: 'a proxy redirects, and MCP clients neither follow nor send their token there',
    solution: `use the URL it redirects to: ${withoutCredentials(target.href)}`,
  };
}

function notThere(url: URL, { json }: Answer): Advice {
  const path = /MCP is at (\/\S*)/.exec(messageOf(json))?.[1];
  if (path) {
    return { cause: 'the path of the URL is not that of the MCP endpoint', solution: `use ${new URL(path, url).href}` };
  }
  return {
    cause: 'the path is wrong, or a load balancer or API Gateway has no route for it',
    solution: `use the path of the MCP endpoint, /mcp unless the configuration says another one; with a proxy in front, route ${url.pathname} to it`,
  };
}
