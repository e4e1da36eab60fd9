import type { KubernetesSecretKey } from './kubernetes-secret';
import type { HttpMcpEndpoint } from './mcp-endpoint';
import type { McpServerSource } from './mcp-server-source';

/** A folder of JSON files that a workload reads. Nothing in them may be secret: they land in Terraform's state. */
export interface ConfigDirectory {
  /** Absolute path. */
  readonly path: string;
  /** What the folder holds, one word: `config`. */
  readonly name: string;
  /** File name to content, which is rendered as JSON and may hold references. Asked for at synth. */
  files(): { readonly [fileName: string]: object };
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
  readonly secretEnvironment: { readonly [name: string]: KubernetesSecretKey };
  /** Folders of files the workload reads. */
  readonly configDirectories: readonly ConfigDirectory[];
}
