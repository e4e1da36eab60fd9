import { createHash, generateKeyPairSync, type KeyObject, randomUUID, verify } from 'node:crypto';
import { type IncomingHttpHeaders, request as send } from 'node:http';
import { type Listening, listen } from './gateway-servers.js';

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a request with a body signs besides; others sign the first three only. */
const bodyHeaders = ['content-length', 'content-type', 'x-content-sha256'];

/** Milliseconds by which the clock of the caller may differ. */
const clockSkewMs = 5 * 60_000;

/**
 * Checks a request signature as OCI does, knowing nothing of how it was made.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
 *
 * @throws {Error} that says what is wrong
 * @returns the id of the key
 */
export function verifySignature(
  { method, target, headers, body }: ReceivedRequest,
  publicKeyOf: (keyId: string) => KeyObject | string | undefined,
  now = Date.now(),
): string {
  const authorization = headers.authorization ?? '';
  if (!authorization.startsWith('Signature ')) throw new Error('no signature');
  const fields = new Map(
    [...authorization.slice(10).matchAll(/(\w+)="([^"]*)"(?:,|$)/g)].map(([, name, value]) => [name, value as string]),
  );
  const expect = (condition: boolean, fault: string) => {
    if (!condition) throw new Error(fault);
  };
  expect(fields.get('version') === '1', 'version');
  expect(fields.get('algorithm') === 'rsa-sha256', 'algorithm');
  const names = (fields.get('headers') ?? '').toLowerCase().split(' ');
  const date = names.includes('x-date') ? 'x-date' : 'date';
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method);
  const needed = [date, '(request-target)', 'host', ...(hasBody ? bodyHeaders : [])];
  expect([...names].sort().join() === [...needed].sort().join(), `signs ${names.join(', ')}`);
  expect(Math.abs(Date.parse(String(headers[date])) - now) <= clockSkewMs, `date ${headers[date]}`);
  if (hasBody) {
    expect(headers['content-length'] === String(Buffer.byteLength(body)), 'content-length');
    expect(headers['x-content-sha256'] === createHash('sha256').update(body).digest('base64'), 'x-content-sha256');
  }
  const text = names.map((name) =>
    name === '(request-target)' ? `${name}: ${method.toLowerCase()} ${target}` : `${name}: ${headers[name]}`,
  );
  const keyId = fields.get('keyId') ?? '';
  const key = publicKeyOf(keyId);
  if (!key) throw new Error(`unknown key ${keyId}`);
  const signature = Buffer.from(fields.get('signature') ?? '', 'base64');
  expect(verify('RSA-SHA256', Buffer.from(text.join('\n')), key, signature), 'signature does not fit');
  return keyId;
}

/** A server that lets only correctly signed requests pass to another one. */
export interface SignatureGate extends Listening {
  /** What every request was, in order: its key id, or what was wrong with it. */
  readonly seen: { method: string; target: string; keyId?: string; fault?: string }[];
}

/**
 * Puts a signature check in front of a server, whatever it speaks.
 *
 * @param target Address of the server, with its path.
 */
export async function startSignatureGate(
  target: string,
  publicKeyOf: (keyId: string) => KeyObject | string | undefined,
): Promise<SignatureGate> {
  const { origin, pathname, search } = new URL(target);
  const seen: SignatureGate['seen'] = [];
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    try {
      const keyId = verifySignature({ method, target: url, headers, body }, publicKeyOf);
      seen.push({ method, target: url, keyId });
    } catch (error) {
      seen.push({ method, target: url, fault: (error as Error).message });
      return void response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code: 'NotAuthenticated', message: 's3cret of the server' }));
    }
    const { host: _, ...forwarded } = headers;
    const onward = send(origin + url, { method, headers: forwarded }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    response.on('close', () => onward.destroy());
    onward.on('error', () => response.destroy());
    onward.end(body);
  });
  return { ...listening, url: listening.url + pathname + search, seen };
}

/** An RSA key pair in PEM. */
export function makeKeyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** A session token; nobody but OCI checks its own signature. @param expiresIn Seconds. */
export function makeSessionToken(expiresIn = 600): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + expiresIn;
  return `${part({ alg: 'RS256', kid: 'asw' })}.${part({ jti: randomUUID(), exp })}.${'s'.repeat(20)}`;
}
