import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientAuth, ClientTarget } from 'oci-mcp-gateway/clients';
import type { ComponentRecord, RecordedAuth } from '../mcp/component-record';
import { CommandError } from './command-error';
import { SynthesizedFolder } from './synthesized-folder';
import type { Terminal } from './terminal';

/** What a deployed stack tells. */
export interface StackOutput {
  /** Undefined where the file does not say. */
  readonly stack?: string;
  readonly name: string;
  /** Undefined for what is sensitive. */
  readonly value?: unknown;
  readonly sensitive: boolean;
}

/** Where clients reach a gateway, a server or an edge. */
export interface Endpoint extends ClientTarget {
  /** Name of the output. */
  readonly output: string;
  /** Path of the construct. @default - only the output is known */
  readonly path?: string;
}

/**
 * Reads outputs from a file: what `cdktf deploy --outputs-file` writes, or what `terraform output -json` prints.
 * @param file Path of the file, `-` for the standard input.
 */
export function readOutputs(file: string): StackOutput[] {
  const document = parse(file);
  return Object.entries(document).flatMap(([name, value]): StackOutput[] => {
    if (isTerraformOutput(value)) return [outputOf(undefined, name, value)];
    if (isObject(value))
      return Object.entries(value).map(([output, of]) => ({ stack: name, name: output, value: of, sensitive: false }));
    throw wrongFile(file, `${name}: ${JSON.stringify(value)}`.slice(0, 200));
  });
}

/** Asks Terraform for the outputs of every stack of a folder. */
export async function askTerraform(folder: SynthesizedFolder, terminal: Terminal): Promise<StackOutput[]> {
  const outputs: StackOutput[] = [];
  for (const { name, directory } of folder.stacks) {
    const said = await terminal.progress(`asking for the outputs of ${name}`, () => terraformOutput(directory));
    const entries = Object.entries(said).filter((entry): entry is [string, TerraformOutput] =>
      isTerraformOutput(entry[1]),
    );
    outputs.push(...entries.map(([output, value]) => outputOf(name, output, value)));
  }
  return outputs;
}

/** The folder, where something was synthesized there. @throws {CommandError} when nothing was, and it is needed */
export function folderAt(directory: string | undefined, isNeeded: boolean): SynthesizedFolder | undefined {
  if (directory === undefined) return undefined;
  return isNeeded || existsSync(join(directory, 'manifest.json')) ? new SynthesizedFolder(directory) : undefined;
}

/** The outputs in which MCP endpoints stand: those of `ClientConfiguration`, and URLs that the folder knows. */
export function endpointsIn(outputs: readonly StackOutput[], folder?: SynthesizedFolder): Endpoint[] {
  return outputs.flatMap(({ stack, name, value }): Endpoint[] => {
    if (isTarget(value)) return isCommandSafe(value.url) ? [{ ...targetOf(value), output: name }] : [];
    if (typeof value !== 'string' || !isCommandSafe(value)) return [];
    const component = folder && componentOf(folder, stack, name);
    if (component === undefined) return [];
    const auth = authOf(component.inboundAuth);
    return [{ name: 'oci', url: value, auth, output: name, path: component.path }];
  });
}

/** The component whose URL an output tells. */
function componentOf(folder: SynthesizedFolder, stack: string | undefined, name: string): ComponentRecord | undefined {
  const found = folder.stacks.filter((each) => stack === undefined || each.name === stack);
  const values = found.flatMap(({ json }) => {
    const output = (json['output'] as { [output: string]: { value?: unknown } } | undefined)?.[name];
    return typeof output?.value === 'string' ? [output.value] : [];
  });
  return folder.components.find(({ url }) => url !== undefined && values.includes(url));
}

/** As the gateway's clients prove themselves; whoever is in front of it asks for the same tokens. */
function authOf(auth: RecordedAuth | undefined): ClientAuth {
  if (auth === undefined) return 'oauth';
  if (auth.anonymous) return 'none';
  const { jwt_issuer, issuers, authorization_servers } = auth.config as { [field: string]: unknown[] | undefined };
  const hasIssuer = [jwt_issuer, issuers, authorization_servers].some(
    (each) => each !== undefined && each.length !== 0,
  );
  return hasIssuer ? 'oauth' : 'token';
}

interface TerraformOutput {
  readonly value: unknown;
  readonly sensitive: boolean;
}

function isTerraformOutput(value: unknown): value is TerraformOutput {
  return isObject(value) && 'value' in value && typeof value['sensitive'] === 'boolean';
}

function outputOf(stack: string | undefined, name: string, { value, sensitive }: TerraformOutput): StackOutput {
  return { ...(stack !== undefined && { stack }), name, sensitive, ...(!sensitive && { value }) };
}

async function terraformOutput(cwd: string): Promise<{ [name: string]: unknown }> {
  const { TERRAFORM_BINARY_NAME = 'terraform' } = process.env;
  try {
    const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' };
    const { stdout } = await promisify(execFile)(TERRAFORM_BINARY_NAME, ['output', '-json', '-no-color'], { cwd, env });
    return JSON.parse(stdout) as { [name: string]: unknown };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    throw new CommandError({
      what: `${TERRAFORM_BINARY_NAME} does not tell the outputs\n${(stderr.trim() || message).replace(/^/gm, '  ')}`,
      got: cwd,
      allowed: 'the folder of a stack that was deployed from here',
      fix: 'deploy first, or name a file that `cdktf deploy --outputs-file` or `terraform output -json` has written',
    });
  }
}

function parse(file: string): { [name: string]: unknown } {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw wrongFile(file, (error as Error).message);
  }
  if (isObject(document)) return document;
  throw wrongFile(file, JSON.stringify(document).slice(0, 200));
}

function wrongFile(file: string, got: string): CommandError {
  return new CommandError({
    what: `${file === '-' ? 'the standard input' : file} holds no outputs`,
    got,
    allowed: 'what `cdktf deploy --outputs-file` writes, or `terraform output -json` prints',
  });
}

/** What `ClientConfiguration` tells. */
function isTarget(value: unknown): value is { name: string; url: string; auth: ClientAuth } {
  return (
    isObject(value) &&
    typeof value['url'] === 'string' &&
    /^[A-Za-z][\w-]{0,63}$/.test(String(value['name'])) &&
    ['oauth', 'token', 'none'].includes(String(value['auth'])) &&
    isObject(value['clients'])
  );
}

function targetOf({ name, url, auth }: { name: string; url: string; auth: ClientAuth }): ClientTarget {
  return { name, url, auth };
}

/** Whether a URL may stand in a command as it is: it comes from a state, and somebody pastes it into a shell. */
function isCommandSafe(url: string): boolean {
  return /^https?:\/\/[\w.[\]:-]+(\/[\w./~%-]*)?$/.test(url);
}

function isObject(value: unknown): value is { [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
