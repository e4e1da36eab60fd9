import { Token } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { reportFault } from '../core/validation';
import type { Grant } from '../iam/grant';
import { IdentityPolicy } from '../iam/identity-policy';
import { PolicyCondition } from '../iam/policy-condition';
import { PolicyVerb } from '../iam/policy-statement';
import type { IGrantable } from '../iam/principal';
import type { KubernetesSecretKey } from './kubernetes-secret';

/** A secret in OCI Vault: a reference, never the value. */
export interface IVaultSecret {
  /** OCID of the secret. */
  readonly secretId: string;
  /** OCID of the compartment that holds it, where the permission to read it is given. */
  readonly compartmentId: string;
}

/** Where a secret is kept. */
export type SecretReference = KubernetesSecretKey | IVaultSecret;

/** Tells a secret in Vault from a key of a Kubernetes Secret. */
export function isVaultSecret(secret: SecretReference): secret is IVaultSecret {
  return 'secretId' in secret;
}

/** Permits `grantee` to read the value of one secret, and of no other. Reports what is no OCID of a secret. */
export function permitReading(grantee: IGrantable, secret: IVaultSecret): Grant {
  checkSecretId(grantee.grantPrincipal.policyScope, 'secretId', secret.secretId);
  return IdentityPolicy.allow({
    grantee,
    verb: PolicyVerb.READ,
    resourceType: 'secret-bundles',
    compartmentId: secret.compartmentId,
    conditions: [PolicyCondition.equals('target.secret.id', secret.secretId)],
    askedBy: Construct.isConstruct(secret) ? secret : undefined,
  });
}

/** Reports what is no OCID of a secret, without printing it: it may be the secret itself. */
export function checkSecretId(scope: IConstruct, prop: string, secretId: string): void {
  if (Token.isUnresolved(secretId) || /^ocid1\.vaultsecret\.\S+$/.test(secretId)) return;
  reportFault(scope, {
    prop,
    got: 'text that is no OCID of a secret',
    allowed: 'an OCID such as "ocid1.vaultsecret.oc1…": the value itself would land in the state',
    fix: 'put the value into a secret in Vault and pass the OCID of that',
  });
}
