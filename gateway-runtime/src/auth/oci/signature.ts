import { DefaultRequestSigner } from 'oci-common/lib/signer.js';
import type { OutboundRequest } from '../../contracts/identity.js';
import { UpstreamError } from '../../errors.js';

/** A key, ready to sign with. @throws {UpstreamError} when it cannot be used */
export function signingKey(keyId: string, privateKey: string, passphrase: string | null) {
  const signer = makeSigner(keyId, privateKey, passphrase);
  return {
    keyId,
    privateKey,
    sign: async ({ method, url, headers, body }: OutboundRequest): Promise<Record<string, string>> => {
      // The OCI SDK takes bodies for text.
      if (Buffer.isBuffer(body)) throw new UpstreamError('cannot sign a request whose body is not text');
      const type = headers['content-type'];
      const signed = new Headers(type === undefined ? {} : { 'content-type': type });
      await signer.signHttpRequest({ method, uri: url.href, headers: signed, body });
      return Object.fromEntries(signed);
    },
  };
}

function makeSigner(keyId: string, privateKey: string, passphrase: string | null): DefaultRequestSigner {
  try {
    return new DefaultRequestSigner({
      getKeyId: async () => keyId,
      getPrivateKey: () => privateKey,
      getPassphrase: () => passphrase,
    });
  } catch {
    throw new UpstreamError('the private key cannot be used; check it and its passphrase');
  }
}
