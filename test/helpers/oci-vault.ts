import type { KeyObject } from 'node:crypto';
import { type Listening, listen } from './gateway-servers.js';
import { verifySignature } from './oci-signature.js';

/** The service of OCI Vault that gives out secrets to whoever signs correctly. */
export interface TestVault extends Listening {
  /** Secret OCID to value; what is not here cannot be read. */
  readonly secrets: Map<string, string | Buffer>;
  /** What every request was, in order: the secret it asked for, or what was wrong with it. */
  readonly seen: string[];
}

export async function startVault(publicKeyOf: (keyId: string) => KeyObject | string | undefined): Promise<TestVault> {
  const secrets = new Map<string, string | Buffer>();
  const seen: string[] = [];
  const listening = await listen((request, response) => {
    const { method = '', url = '', headers } = request;
    const answer = (status: number, document: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    try {
      verifySignature({ method, target: url, headers, body: '' }, publicKeyOf);
    } catch (error) {
      seen.push((error as Error).message);
      return void answer(401, { code: 'NotAuthenticated', message: 's3cret' });
    }
    const id = /^\/20190301\/secretbundles\/([^/?]+)$/.exec(url)?.[1] ?? '';
    seen.push(method === 'GET' ? id : method);
    const value = secrets.get(id);
    if (value === undefined) return void answer(404, { code: 'NotAuthorizedOrNotFound', message: 's3cret' });
    const content = Buffer.from(value).toString('base64');
    answer(200, { secretId: id, versionNumber: 1, secretBundleContent: { contentType: 'BASE64', content } });
  });
  return { ...listening, secrets, seen };
}
