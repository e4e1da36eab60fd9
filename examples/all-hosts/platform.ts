import { TerraformStack, TerraformVariable } from 'cdktf';
import type { IOkeCluster, IPrivateNetwork, IVaultSecret } from 'cdktf-oci-mcp';
import type { Construct } from 'constructs';

/** What the servers of this example stand on. */
export interface Platform {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  readonly network: IPrivateNetwork;
  /** The same VCN, with a subnet for Data Science. */
  readonly dataScience: IPrivateNetwork;
  readonly cluster: IOkeCluster;
  /** Kubernetes namespace. */
  readonly namespace: string;
}

/** Images of your own registry, by tag and digest: some hosts take one of them, some the other. The gateway's holds the stdio server at /opt/servers/ocid.js. */
export const images = {
  gateway: image('gateway', '3b8d3c6d4b1f0c2f'),
  planner: image('planner-mcp', '9f1e2d3c4b5a6978'),
  sizing: image('sizing-function', '2c4d6e8f0a1b3c5d'),
  oracleDatabase: image('oracle-db-mcp', '77b1c2d3e4f50617'),
  orders: image('orders', '5a6b7c8d9e0f1a2b'),
};

/** The domain that issues tokens to your clients, and to the gateway. */
export const identityDomain = 'https://idcs-0123456789abcdef0123456789abcdef.identity.oraclecloud.com';

/** A value of the platform that is told when the stack is applied. */
export function variable(scope: Construct, name: string): string {
  return new TerraformVariable(TerraformStack.of(scope), name, { type: 'string' }).stringValue;
}

/** A secret in Vault that exists already. Its value is read by whoever needs it, and never by Terraform. */
export function secret(scope: Construct, name: string, { compartmentId }: Platform): IVaultSecret {
  return { secretId: variable(scope, `${name}_secret_id`), compartmentId };
}

function image(name: string, start: string): string {
  return `fra.ocir.io/acme/${name}:1.4.0@sha256:${start.repeat(4)}`;
}
