import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/** What sealed text belongs to: it cannot be opened with any other. */
export type Binding = Buffer | string;

/** Seals text that clients keep for the gateway, so that they can neither read nor change it: AES-256-GCM. */
export class Sealer {
  readonly #readKey: (() => Promise<string>) | undefined;
  #keys: Promise<{ readonly encryption: Buffer; readonly naming: Buffer }> | undefined;

  /** @param readKey Reads what replicas have in common, at least 32 random characters. @default - a key of this process */
  constructor(readKey?: () => Promise<string>) {
    this.#readKey = readKey;
  }

  /** Another one each time. */
  seal(text: string, binding: Binding): Promise<string> {
    return this.#seal(text, binding, () => randomBytes(ivBytes));
  }

  /** The same each time for the same text and binding, as an id has to be. */
  sealAsId(text: string, binding: Binding): Promise<string> {
    return this.#seal(text, binding, (naming) =>
      createHmac('sha256', naming)
        .update(JSON.stringify([text, binding.toString('base64')]))
        .digest()
        .subarray(0, ivBytes),
    );
  }

  /** @returns `undefined` for anything that was not sealed with this key for this binding */
  async open(sealed: string, binding: Binding): Promise<string | undefined> {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < ivBytes + tagBytes) return undefined;
    const { encryption } = await this.#getKeys();
    const iv = bytes.subarray(0, ivBytes);
    const decipher = createDecipheriv('aes-256-gcm', encryption, iv, { authTagLength: tagBytes })
      .setAAD(Buffer.from(binding))
      .setAuthTag(bytes.subarray(-tagBytes));
    try {
      return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  }

  async #seal(text: string, binding: Binding, makeIv: (naming: Buffer) => Buffer): Promise<string> {
    const { encryption, naming } = await this.#getKeys();
    const iv = makeIv(naming);
    const cipher = createCipheriv('aes-256-gcm', encryption, iv).setAAD(Buffer.from(binding));
    return Buffer.concat([iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  #getKeys(): Promise<{ readonly encryption: Buffer; readonly naming: Buffer }> {
    this.#keys ??= this.#deriveKeys().catch((error) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #deriveKeys(): Promise<{ readonly encryption: Buffer; readonly naming: Buffer }> {
    const secret = (await this.#readKey?.()) ?? randomBytes(32);
    const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `oci-mcp-gateway ${purpose}`, 32));
    return { encryption: derive('encryption'), naming: derive('naming') };
  }
}
