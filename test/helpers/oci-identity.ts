import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { closeAtEnd, type Listening, listen } from './gateway-servers.js';
import { makeSessionToken, verifySignature } from './oci-signature.js';

/** Node reads certificates but makes none; the OCI SDK brings a library that does. */
const certificates: {
  parsePrivateKey(pem: string, format: 'pem'): unknown;
  identityFromArray(components: { name: string; value: string }[]): unknown;
  identityForHost(name: string): unknown;
  createSelfSignedCertificate(
    subject: unknown,
    key: unknown,
    options: { lifetime: number },
  ): { toString(format: 'pem'): string };
} = createRequire(require.resolve('oci-common'))('sshpk');

function makeCertificate(subject: unknown): { certificate: string; privateKey: string; publicKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const key = certificates.parsePrivateKey(pem, 'pem');
  const certificate = certificates.createSelfSignedCertificate(subject, key, { lifetime: 3600 }).toString('pem');
  return { certificate, privateKey: pem, publicKey };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

/** Gives out session tokens, each for the key that came with the request for it. */
class TokenIssuer {
  readonly #keys = new Map<string, KeyObject>();
  #last: string | undefined;
  /** Seconds the next tokens are valid. */
  lifetime = 600;
  issued = 0;

  /** @param key Base64 of the public key, as it stands between the lines of its PEM. */
  issue(key: string): string {
    this.#last = makeSessionToken(this.lifetime);
    this.issued++;
    this.#keys.set(
      `ST$${this.#last}`,
      createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }),
    );
    return this.#last;
  }

  /** OCI forgets every token given out so far. */
  revoke(): void {
    this.#keys.clear();
  }

  readonly publicKeyOf = (keyId: string): KeyObject | undefined => this.#keys.get(keyId);
}

/** Something that gives an identity. */
export interface TestIdentity extends Listening {
  readonly tokens: TokenIssuer;
  /** What was wrong with the requests for tokens. */
  readonly faults: string[];
  /** False answers every request with an error. */
  available: boolean;
}

/** The metadata service of a compute instance and the service that exchanges its certificate for a token. */
export async function startInstance(): Promise<TestIdentity> {
  const tenancy = 'ocid1.tenancy.oc1..test';
  const leaf = makeCertificate(certificates.identityFromArray([{ name: 'ou', value: `opc-tenant:${tenancy}` }]));
  const metadata: Record<string, string> = {
    '/opc/v2/instance/region': 'fra',
    '/opc/v2/identity/cert.pem': leaf.certificate,
    '/opc/v2/identity/key.pem': leaf.privateKey,
    '/opc/v2/identity/intermediate.pem': leaf.certificate,
  };
  const tokens = new TokenIssuer();
  const faults: string[] = [];
  const listening = await listen(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = await bodyOf(request);
    if (!identity.available) return void response.writeHead(404).end();
    if (method === 'GET') {
      if (headers.authorization !== 'Bearer Oracle') faults.push(`${url} without authorization`);
      return void response.end(metadata[url]);
    }
    try {
      const keyId = verifySignature({ method, target: url, headers, body }, () => leaf.publicKey);
      if (!keyId.startsWith(`${tenancy}/fed-x509/`)) faults.push(keyId);
    } catch (error) {
      faults.push(String(error));
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ token: tokens.issue(JSON.parse(body).publicKey) }));
  });
  const identity = { ...listening, tokens, faults, available: true };
  return identity;
}

/** The service of an OKE cluster that exchanges service account tokens, with a certificate of the cluster's own. */
export interface TestCluster extends TestIdentity {
  /** PEM of the certificate authority. */
  readonly certificate: string;
  /** The service account token that is accepted. */
  serviceAccountToken: string;
}

export async function startCluster(): Promise<TestCluster> {
  const { certificate, privateKey } = makeCertificate(certificates.identityForHost('localhost'));
  const tokens = new TokenIssuer();
  const faults: string[] = [];
  const listener: RequestListener = async (request, response) => {
    const body = await bodyOf(request);
    const authorized = request.headers.authorization === `Bearer ${cluster.serviceAccountToken}`;
    if (!cluster.available || !authorized) return void response.writeHead(401).end('s3cret');
    if (`${request.method} ${request.url}` !== 'POST /resourcePrincipalSessionTokens') faults.push(String(request.url));
    const token = JSON.stringify({ token: `ST$${tokens.issue(JSON.parse(body).podKey)}` });
    // A JSON string, as the service writes it.
    response.end(JSON.stringify(Buffer.from(token).toString('base64')));
  };
  const server = createServer({ key: privateKey, cert: certificate }, listener);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  const close = closeAtEnd(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const cluster = {
    ...{ url: `https://localhost:${port}`, port, close },
    ...{ tokens, faults, available: true, certificate, serviceAccountToken: 'service-account-1' },
  };
  return cluster;
}
