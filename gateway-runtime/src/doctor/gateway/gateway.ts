import { BackendSchema, type HttpMcpBackend } from '../../config/backend.js';
import { withoutCredentials } from '../../config/faults.js';
import type { Host, Logger } from '../../contracts/host.js';
import { upstreamFactory } from '../../mcp/index.js';
import type { Answer } from '../http.js';
import { isReachable } from '../reach/reach.js';
import { Subject } from '../subject.js';
import { warning } from '../verdict.js';
import { admits } from './admission.js';
import { asksForToken } from './authentication.js';
import { describesAuthorization } from './authorization-server.js';
import { stateOf } from './backend-state.js';
import { agreesOnTime } from './clock.js';
import { allowsOrigin } from './cors.js';
import { answersMcp } from './endpoint.js';
import { speaksBothEras } from './handshake.js';
import { describesItself } from './protected-resource.js';
import { type BackendStatus, saysReady } from './readiness.js';
import { arrivesAtOnce } from './stream.js';
import { type Expectations, fits } from './token.js';
import { listBackends, offersTools } from './tools.js';

/** A running gateway, and what it is asked with. */
export interface GatewayTarget {
  readonly url: URL;
  readonly token?: string;
  /** A page's origin that is to be let in. */
  readonly origin?: string;
  /** The URL by which clients call. @default - the one that is asked */
  readonly publicUrl?: URL;
  /** What its configuration says of tokens, when that is known. */
  readonly expectations?: Expectations;
  /** Milliseconds that one check may take. */
  readonly timeoutMs: number;
  readonly host: Host;
  readonly logger: Logger;
  readonly clientInfo: { readonly name: string; readonly version: string };
}

/** Nothing is known but what is the same for all. */
const unknown: Expectations = { issuers: [], audiences: [], algorithms: [], clockSkew: 30 };

/** Times a check may take of which each goes to and fro several times. */
const patience = 2;

const noToken = warning('no token was given, so only what is public was looked at', {
  cause: 'the doctor takes a token by variable or file: the command line is in the list of processes',
  solution: 'set MCP_GATEWAY_TOKEN, or give --token-file FILE, to look at the tools and at each backend, too',
});

/** Authorization servers that are asked. */
const mostServers = 4;

/** Looks at a running gateway as a client sees it. @returns the gateway, and its backends as it sees them */
export async function examineGateway(target: GatewayTarget): Promise<Subject[]> {
  const { url, timeoutMs } = target;
  const gateway = new Subject(`gateway ${withoutCredentials(url.href)}`, timeoutMs);
  const backends = (await examine(gateway, target)) ?? [];
  const subjects = backends.map((status) => {
    const subject = new Subject(`backend ${status.name}, as the gateway sees it`, timeoutMs);
    subject.note('backend-state', stateOf(status));
    return subject;
  });
  return [gateway, ...subjects];
}

async function examine(gateway: Subject, target: GatewayTarget): Promise<readonly BackendStatus[] | undefined> {
  const { url, token, origin } = target;
  if (!(await isReachable(gateway, url))) return undefined;
  const answer = await gateway.check('endpoint', (signal) => answersMcp(url, signal));
  if (!answer) return undefined;
  gateway.note('clock', agreesOnTime(answer));
  gateway.note('authentication', asksForToken(url, answer));
  if (origin) await gateway.check('cors', (signal) => allowsOrigin(url, origin, signal), gateway.timeoutMs * patience);
  const isOpen = answer.status !== 401;
  const isIn = isOpen || (await examineAuth(gateway, target, answer));
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const told = await gateway.check('readiness', (signal) => saysReady(url, authorization, signal));
  return (isIn && (await examineMcp(gateway, target, authorization, told ?? []))) || told;
}

/** @returns whether the token is accepted */
async function examineAuth(gateway: Subject, target: GatewayTarget, refusal: Answer): Promise<boolean> {
  const { url, publicUrl = url, token, expectations = unknown } = target;
  const limit = gateway.timeoutMs * patience;
  const describes = (signal: AbortSignal) => describesItself(url, publicUrl, refusal, signal);
  const metadata = await gateway.check('protected-resource', describes, limit);
  for (const server of metadata?.authorizationServers.slice(0, mostServers) ?? []) {
    await gateway.check('authorization-server', (signal) => describesAuthorization(server, signal), limit);
  }
  if (token === undefined) {
    gateway.note('token', noToken);
    return false;
  }
  const verdict = fits(token, expectations, Date.now());
  gateway.note('token', verdict);
  const knowledge = { claims: verdict.value, metadata, isFaulty: verdict.status === 'problem' };
  return (await gateway.check('admission', (signal) => admits(url, token, knowledge, signal))) === true;
}

async function examineMcp(
  gateway: Subject,
  target: GatewayTarget,
  authorization: Record<string, string>,
  told: readonly BackendStatus[],
): Promise<BackendStatus[] | undefined> {
  const { url, timeoutMs } = target;
  const create = upstreamFactory({
    ...target,
    outboundAuth: () => ({ headers: async () => authorization, refresh: async () => false }),
  });
  const seconds = timeoutMs / 1000;
  const server = { name: 'gateway', url: url.href, connect_timeout: seconds, request_timeout: seconds };
  const itself = BackendSchema.parse(server) as HttpMcpBackend;
  const limit = timeoutMs * patience;
  const connected = await gateway.check('handshake', () => speaksBothEras(create, itself), limit);
  if (!connected) return undefined;
  try {
    await gateway.check('stream', (signal) => arrivesAtOnce(url, authorization, signal), limit);
    const tools = await gateway.check('tools', () => offersTools(connected, told));
    return tools && (await listBackends(connected, tools));
  } finally {
    await connected.upstream.close();
  }
}
