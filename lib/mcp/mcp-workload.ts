import type { HttpMcpEndpoint } from './mcp-endpoint';
import type { McpServerSource } from './mcp-server-source';
import type { IMonitoring } from './monitoring';
import type { MountedConfigMap } from './mounted-config-map';
import type { IVaultSecret, SecretReference } from './secret-reference';

/** A folder of JSON files that a workload reads. Nothing in them may be secret: they land in Terraform's state. */
export interface ConfigDirectory {
  /** Absolute path. */
  readonly path: string;
  /** What the folder holds, one word: `config`. */
  readonly name: string;
  /** Environment variables that tell the workload where its files are. A host without files leaves them out. */
  readonly environment: { readonly [name: string]: string };
  /** Environment variable that takes the files where a host has none: one JSON object of file name to content. */
  readonly variable: string;
  /** File name to content, which is rendered as JSON and may hold references. Asked for at synth. */
  files(): { readonly [fileName: string]: object };
}

/** Secrets in Vault as files. */
export interface VaultFiles {
  /** File name to secret: `{ 'cwallet.sso': wallet }`. */
  readonly vaultSecrets: { readonly [fileName: string]: IVaultSecret };
  /** Image of the gateway: its `fetch-secrets` command writes the files before the workload needs them. */
  readonly fetcherImage: string;
}

/** A Kubernetes Secret whose keys are files. */
export interface KubernetesSecretFiles {
  /** Name of the Secret, in the workload's namespace. */
  readonly secretName: string;
}

/** A folder of files whose content is secret: a wallet, a key store. */
export interface SecretDirectory {
  /** Absolute path. */
  readonly path: string;
  /** Where its files come from. */
  readonly files: KubernetesSecretFiles | VaultFiles;
}

/** What a hosting has to run: a server's container, or the gateway's. */
export interface McpWorkload {
  /** What is running: an image or a command. */
  readonly source: McpServerSource;
  /** TCP port it serves, 1 to 65535. */
  readonly port: number;
  /** Path of the MCP endpoint: `/mcp`. */
  readonly path: string;
  /** How it is talked to over HTTP. */
  readonly transport: HttpMcpEndpoint['transport'];
  /** Path that answers 200 to `GET` while it is alive. @default - the port only has to accept connections */
  readonly healthPath?: string;
  /** Environment variables. Nothing in them may be secret. */
  readonly environment: { readonly [name: string]: string };
  /** Environment variables whose values are secrets. */
  readonly secretEnvironment: { readonly [name: string]: SecretReference };
  /** Folders of files the workload reads. */
  readonly configDirectories: readonly ConfigDirectory[];
  /** Folders of secret files the workload reads. */
  readonly secretDirectories: readonly SecretDirectory[];
  /** ConfigMaps of the cluster that the workload reads. @default - none */
  readonly configMaps?: readonly MountedConfigMap[];
  /** Where its logs go, unless the hosting names a place of its own. @default - wherever the hosting says */
  readonly monitoring?: IMonitoring;
  /** True when any replica carries on with any client. @default false - sessions live in the memory of one */
  readonly sharesSessions?: boolean;
}

/** The plain environment variables of a workload whose host has files. */
export function environmentWithFiles({
  environment,
  configDirectories,
}: Pick<McpWorkload, 'environment' | 'configDirectories'>): { [name: string]: string } {
  return Object.assign({}, environment, ...configDirectories.map((directory) => directory.environment));
}
