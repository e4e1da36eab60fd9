import { isObject } from '../../contracts/json-rpc.js';
import { UpstreamError } from '../../errors.js';
import { exchange } from '../exchange.js';
import type { Environment } from './principal.js';
import type { RequestSigner } from './request-signer.js';

/**
 * Reads secrets from OCI Vault, with the gateway's own identity.
 * https://docs.oracle.com/en-us/iaas/api/#/en/secretretrieval/20190301/SecretBundle/GetSecretBundle
 */
export class VaultSecrets {
  readonly #signer: RequestSigner;
  readonly #environment: Environment;

  constructor(signer: RequestSigner, environment: Environment) {
    this.#signer = signer;
    this.#environment = environment;
  }

  /** The current value of a secret. @throws {UpstreamError} that names the secret and never holds its value */
  async read(secretId: string): Promise<Buffer> {
    try {
      const url = new URL(`/20190301/secretbundles/${encodeURIComponent(secretId)}`, await this.#endpointOf(secretId));
      const headers = await this.#sign(url);
      const answer = await exchange({ method: 'GET', url, headers });
      const again = answer.status === 401 && (await this.#signer.refresh(headers));
      return contentOf(again ? await exchange({ method: 'GET', url, headers: await this.#sign(url) }) : answer);
    } catch (error) {
      const reason = error instanceof UpstreamError ? error.message : 'the endpoint is not a URL';
      throw new UpstreamError(`secret ${secretId} cannot be read: ${reason}`);
    }
  }

  #sign(url: URL): Promise<Record<string, string>> {
    return this.#signer.sign({ method: 'GET', url, headers: {} });
  }

  async #endpointOf(secretId: string): Promise<string> {
    if (this.#environment.MCP_GATEWAY_SECRETS_ENDPOINT) return this.#environment.MCP_GATEWAY_SECRETS_ENDPOINT;
    const [, type, , key] = secretId.split('.');
    if (type !== 'vaultsecret') throw new UpstreamError('this is not the OCID of a Vault secret');
    const region = key || this.#environment.OCI_RESOURCE_PRINCIPAL_REGION || this.#environment.OCI_REGION;
    if (!region) throw new UpstreamError('its OCID names no region; set OCI_REGION');
    const { endpointOf } = await import('./region.js');
    return endpointOf('https://secrets.vaults.{region}.oci.{domain}', region);
  }
}

function contentOf({ status, document }: { status: number; document: unknown }): Buffer {
  const { code, secretBundleContent } = isObject(document) ? document : {};
  if (status !== 200) {
    const named = typeof code === 'string' && /^[A-Za-z]{1,64}$/.test(code) ? ` (${code})` : '';
    const hint = status === 404 ? '; it does not exist, or no policy allows to read secret-bundles of it' : '';
    throw new UpstreamError(`HTTP ${status}${named}${hint}`);
  }
  const { content, contentType } = isObject(secretBundleContent) ? secretBundleContent : {};
  if (contentType !== 'BASE64' || typeof content !== 'string') throw new UpstreamError('the answer holds no content');
  return Buffer.from(content, 'base64');
}
