import { VaultSecret as SecretResource } from '@cdktf/provider-oci/lib/vault-secret';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkInteger, checkPattern, reportFault } from '../core/validation';
import type { Grant } from '../iam/grant';
import type { IGrantable } from '../iam/principal';
import { checkSecretId, type IVaultSecret, permitReading } from '../mcp/secret-reference';
import { GeneratedSecret } from './generated-secret';

/** What a secret that exists already is known by. */
export interface VaultSecretAttributes {
  /** OCID of the secret. May be a reference. */
  readonly secretId: string;
  /** OCID of the compartment that holds it, where the permission to read it is given. */
  readonly compartmentId: string;
}

export interface VaultSecretProps {
  /** OCID of the compartment that holds the secret. */
  readonly compartmentId: string;
  /** OCID of the vault. */
  readonly vaultId: string;
  /** OCID of a symmetric key of that vault. */
  readonly keyId: string;
  /** What the value is. @default GeneratedSecret.passphrase() */
  readonly value?: GeneratedSecret;
  /** Name, unique in the vault: a deleted secret keeps it until its deletion is final. @default - derived from the construct's path */
  readonly secretName?: string;
  /** What the secret is for. @default "Secret of <construct path>" */
  readonly description?: string;
}

/** A secret in Vault, and the permission to read it. */
export interface IReadableSecret extends IVaultSecret, IConstruct {
  /** Lets `grantee` read the value of this secret, and of no other one. */
  grantRead(grantee: IGrantable): Grant;
}

/**
 * A secret in OCI Vault whose value nobody has seen: Vault makes it up, and only who may read the secret gets it. A value
 * that comes from somewhere else is put into Vault outside of Terraform and imported here, because Terraform would keep it in
 * its state.
 * @see https://docs.oracle.com/en-us/iaas/Content/KeyManagement/Tasks/managingsecrets.htm
 *
 * @example
 * const signing = new VaultSecret(this, 'SigningKey', { compartmentId, vaultId, keyId, value: GeneratedSecret.bytes() });
 * const token = VaultSecret.fromSecretAttributes(this, 'DocsToken', { secretId, compartmentId });
 * token.grantRead(server).applyBefore(server);
 */
export class VaultSecret extends Construct implements IReadableSecret {
  /** A secret that exists already. */
  public static fromSecretAttributes(
    scope: Construct,
    id: string,
    { secretId, compartmentId }: VaultSecretAttributes,
  ): IReadableSecret {
    const construct = new Construct(scope, id);
    checkSecretId(construct, 'secretId', secretId);
    const secret: IReadableSecret = Object.assign(construct, {
      secretId,
      compartmentId,
      grantRead: (grantee: IGrantable) => permitReading(grantee, secret),
    });
    return secret;
  }

  public readonly secretId: string;
  public readonly compartmentId: string;

  public constructor(scope: Construct, id: string, props: VaultSecretProps) {
    super(scope, id);
    refuseSecrets(this, props);
    const { value = GeneratedSecret.passphrase(), compartmentId, vaultId, keyId } = props;
    checkVaultSecret(this, props);
    const resource = new SecretResource(this, 'Resource', {
      compartmentId,
      vaultId,
      keyId,
      secretName: props.secretName ?? qualifiedNameOf(this, 255),
      description: props.description ?? `Secret of ${this.node.path}`,
      enableAutoGeneration: true,
      secretGenerationContext: value.context,
    });
    this.node.defaultChild = resource;
    this.secretId = resource.id;
    this.compartmentId = compartmentId;
  }

  public grantRead(grantee: IGrantable): Grant {
    return permitReading(grantee, this);
  }
}

function checkVaultSecret(scope: IConstruct, { value, secretName }: VaultSecretProps): void {
  checkPattern(scope, 'secretName', secretName, {
    pattern: /^[A-Za-z0-9._-]{1,255}$/,
    allowed: '1 to 255 letters, digits, hyphens, underscores and periods',
  });
  if (value === undefined) return;
  const { passphraseLength, secretTemplate = '' } = value.context;
  checkInteger(scope, 'value.length', passphraseLength, { min: 1 });
  const missing = value.placeholders.filter((placeholder) => !secretTemplate.includes(`%${placeholder}%`));
  if (secretTemplate === '' || missing.length === 0) return;
  reportFault(scope, {
    prop: 'value.template',
    got: `a text without ${missing.map((placeholder) => `%${placeholder}%`).join(' and ')}`,
    allowed: `a text with ${value.placeholders.map((placeholder) => `%${placeholder}%`).join(' and ')}`,
  });
}
