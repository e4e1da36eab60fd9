import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { exportJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { type Listening, listen } from './gateway-servers.js';

/** A key pair of an issuer. */
export interface IssuerKey {
  /** PEM. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** The public key as a key set shows it. */
  readonly jwk: Record<string, unknown>;
}

/** An issuer of tokens with one key pair, which also publishes its key set. */
export interface TestIssuer extends Listening, IssuerKey {
  /** What its tokens say in `iss`. */
  readonly name: string;
  /** The key set; replaced to rotate keys, and not served at all when undefined. */
  keySet: { keys: object[] } | undefined;
  /** Answers requests for the key set in its place. */
  respond: RequestListener | undefined;
  /** How often the key set was asked for. */
  asked: number;
  /** A token that is valid for five minutes unless the claims say otherwise. */
  sign(
    claims?: JWTPayload,
    header?: Partial<JWTHeaderParameters>,
    key?: KeyObject | Uint8Array<ArrayBufferLike>,
  ): Promise<string>;
}

/** A new key pair. @param kid Its name in a key set; without one it has none. */
export async function makeIssuerKey(kid?: string, alg: 'RS256' | 'ES256' = 'RS256'): Promise<IssuerKey> {
  const { publicKey, privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), ...(kid && { kid }), alg, use: 'sig' },
  };
}

/** Starts an issuer on this machine. @param alg Algorithm of its one key, which is named `k1`. */
export async function startIssuer(
  name = 'https://issuer.example',
  alg: 'RS256' | 'ES256' = 'RS256',
): Promise<TestIssuer> {
  const key = await makeIssuerKey('k1', alg);
  const listening = await listen((request, response) => {
    issuer.asked++;
    if (issuer.respond) return void issuer.respond(request, response);
    if (issuer.keySet) response.setHeader('content-type', 'application/json').end(JSON.stringify(issuer.keySet));
    else response.writeHead(500).end();
  });
  const now = () => Math.floor(Date.now() / 1000);
  const issuer: TestIssuer = {
    ...listening,
    ...key,
    name,
    keySet: { keys: [key.jwk] },
    respond: undefined,
    asked: 0,
    sign: (claims, header, signingKey = key.privateKey) =>
      new SignJWT({ iss: name, aud: 'mcp', sub: 'ada', iat: now(), exp: now() + 300, ...claims })
        .setProtectedHeader({ alg, kid: 'k1', ...header })
        .sign(signingKey),
  };
  return issuer;
}
