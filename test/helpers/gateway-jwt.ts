import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, type JWTPayload, SignJWT } from 'jose';
import { type Listening, listen } from './gateway-servers.js';

/** An issuer of tokens with one key pair, which also publishes its key set. */
export interface TestIssuer extends Listening {
  /** PEM. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** The key set; replaced to rotate keys, and not served at all when undefined. */
  keySet: { keys: object[] } | undefined;
  /** A token that is valid for five minutes unless the claims say otherwise. */
  sign(claims?: JWTPayload, header?: { alg?: string; kid?: string }, key?: KeyObject | Uint8Array): Promise<string>;
}

/** Starts an issuer on this machine. */
export async function startIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const listening = await listen((_, response) => {
    if (issuer.keySet) response.setHeader('content-type', 'application/json').end(JSON.stringify(issuer.keySet));
    else response.writeHead(500).end();
  });
  const now = () => Math.floor(Date.now() / 1000);
  const issuer: TestIssuer = {
    ...listening,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey,
    keySet: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] },
    sign: (claims, header, key = privateKey) =>
      new SignJWT({ iss: 'https://issuer.example', aud: 'mcp', sub: 'ada', iat: now(), exp: now() + 300, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
        .sign(key),
  };
  return issuer;
}
