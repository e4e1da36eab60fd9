import type { VaultSecretSecretGenerationContext } from '@cdktf/provider-oci/lib/vault-secret';

/** How long a passphrase is. */
const defaultLength = 32;

/** The placeholders of a template for what is generated. */
type Placeholder = 'GENERATED_PASSPHRASE' | 'GENERATED_BYTES' | 'GENERATED_PUBLIC_KEY' | 'GENERATED_PRIVATE_KEY';

/** What Vault generates as the value of a secret, so that no value is in the stack, the state or anybody's hands. */
export interface GeneratedSecret {
  /** The block of the resource. */
  readonly context: VaultSecretSecretGenerationContext;
  /** What a template has to hold. */
  readonly placeholders: readonly Placeholder[];
}

/**
 * The kinds of values that Vault generates. A template puts the value into a text of its own, such as JSON, at the
 * placeholders named.
 * @see https://docs.oracle.com/en-us/iaas/Content/KeyManagement/Tasks/managingsecrets.htm
 */
export const GeneratedSecret = {
  /**
   * A password.
   * @param options.length Number of characters. @default 32
   * @param options.forDatabase Whether it follows the rules of database passwords. @default false
   * @param options.template Holds `%GENERATED_PASSPHRASE%`: `{"username":"mcp","password":"%GENERATED_PASSPHRASE%"}`. @default - the password alone
   */
  passphrase(
    options: { readonly length?: number; readonly forDatabase?: boolean; readonly template?: string } = {},
  ): GeneratedSecret {
    return {
      context: {
        generationType: 'PASSPHRASE',
        generationTemplate: options.forDatabase ? 'DBAAS_DEFAULT_PASSWORD' : 'SECRETS_DEFAULT_PASSWORD',
        passphraseLength: options.length ?? defaultLength,
        secretTemplate: options.template,
      },
      placeholders: ['GENERATED_PASSPHRASE'],
    };
  },

  /**
   * Random bytes, in Base64: a key for signing or encrypting.
   * @param options.template Holds `%GENERATED_BYTES%`. @default - the bytes alone
   */
  bytes(bytes: 512 | 1024 = 512, options: { readonly template?: string } = {}): GeneratedSecret {
    return {
      context: {
        generationType: 'BYTES',
        generationTemplate: `BYTES_${bytes}`,
        secretTemplate: options.template,
      },
      placeholders: ['GENERATED_BYTES'],
    };
  },

  /**
   * A pair of RSA keys, by default as JSON with the members `publicKey` and `privateKey` in PEM form.
   * @param options.template Holds `%GENERATED_PUBLIC_KEY%` and `%GENERATED_PRIVATE_KEY%`. @default - that JSON
   */
  sshKey(bits: 2048 | 3072 | 4096 = 4096, options: { readonly template?: string } = {}): GeneratedSecret {
    return {
      context: {
        generationType: 'SSH_KEY',
        generationTemplate: `RSA_${bits}`,
        secretTemplate: options.template,
      },
      placeholders: ['GENERATED_PUBLIC_KEY', 'GENERATED_PRIVATE_KEY'],
    };
  },
};
