import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { type RuleSuppression, recordSuppression } from '../core/rule-suppressions';
import type { ComponentRecord } from '../mcp/component-record';
import { McpTransport } from '../mcp/mcp-transport';
import { CommandError } from './command-error';

/** A stack as it lies in the output folder of an app. */
export interface StackFiles {
  readonly name: string;
  /** Path of its construct. */
  readonly constructPath: string;
  /** Folder that `terraform` runs in. */
  readonly directory: string;
  /** The `cdk.tf.json`. */
  readonly json: StackJson;
}

/** The parts of a `cdk.tf.json` that tell what it was made of. */
export interface StackJson {
  readonly [section: string]: unknown;
  readonly '//'?: {
    readonly mcp?: { readonly components?: readonly ComponentRecord[] };
    readonly mcp_rules?: { readonly suppressions?: readonly RuleSuppression[] };
  };
}

interface Manifest {
  readonly stacks?: {
    readonly [name: string]: {
      readonly constructPath: string;
      readonly synthesizedStackPath: string;
      readonly workingDirectory: string;
    };
  };
}

/**
 * What `cdktf synth` has written: its stacks, and the app again, with which rules and reports work as they do while it is
 * synthesized. Its constructs are stand-ins under the paths of the real ones, and its resources are what the files say.
 */
export class SynthesizedFolder {
  public readonly stacks: readonly StackFiles[];
  public readonly app: App;
  private readonly constructs = new Map<string, IConstruct>();

  /**
   * @param directory The output folder: `cdktf.out`.
   * @throws {CommandError} when it is no output folder of CDKTF
   */
  public constructor(public readonly directory: string) {
    const stacks = Object.entries(readManifest(directory));
    this.stacks = stacks.map(([name, { constructPath, synthesizedStackPath, workingDirectory }]) => ({
      name,
      constructPath,
      directory: join(directory, workingDirectory),
      json: readJson(join(directory, synthesizedStackPath)) as StackJson,
    }));
    this.app = new App({ outdir: directory });
    for (const stack of this.stacks) this.addStack(stack);
  }

  /** Servers, gateways, edges, and whatever else takes part in network paths. */
  public get components(): ComponentRecord[] {
    return this.stacks.flatMap(({ json }) => json['//']?.mcp?.components ?? []);
  }

  private addStack({ constructPath: path, json }: StackFiles): void {
    const scope = this.constructAt(parentOf(path));
    const stack = new TerraformStack(scope, nameIn(path));
    this.constructs.set(path, stack);
    for (const [section, value] of Object.entries(json)) stack.addOverride(section, value);
    const components = json['//']?.mcp?.components ?? [];
    for (const component of [...components].sort(byDepth)) this.addComponent(component);
    for (const resource of pathsIn(json.resource, json.data)) this.constructAt(resource);
    for (const { path: at, resource } of components) {
      if (resource !== undefined) this.constructAt(at).node.defaultChild = this.constructAt(resource);
    }
    for (const { rule, path: at, reason } of json['//']?.mcp_rules?.suppressions ?? []) {
      recordSuppression(this.constructAt(at), rule, reason);
    }
  }

  private addComponent(record: ComponentRecord): void {
    const { path, url, transport, serverName, description, inboundAuth, servers, gatewayToolScopes } = record;
    const construct = this.constructAt(path);
    Object.assign(construct, { connections: undefined });
    if (transport !== undefined) {
      Object.assign(construct, { endpoint: transport === McpTransport.STDIO ? { transport } : { transport, url } });
    }
    if (serverName !== undefined) Object.assign(construct, { serverName, description, grantInvoke: () => undefined });
    if (inboundAuth !== undefined) {
      const { anonymous, config } = inboundAuth;
      Object.assign(construct, { inboundAuth: { anonymous, renderConfig: () => config } });
    }
    if (servers !== undefined) {
      const connected = () => servers.map((each) => ({ ...each, server: this.constructAt(each.path) }));
      Object.defineProperty(construct, 'servers', { get: connected });
      Object.assign(construct, { gatewayToolScopes });
    }
  }

  /** The construct with a path; it is made where it is not there yet. */
  private constructAt(path: string): IConstruct {
    if (path === '') return this.app;
    const known = this.constructs.get(path);
    if (known !== undefined) return known;
    const made = new Construct(this.constructAt(parentOf(path)) as Construct, nameIn(path));
    this.constructs.set(path, made);
    return made;
  }
}

function readManifest(directory: string): NonNullable<Manifest['stacks']> {
  const file = join(directory, 'manifest.json');
  if (!existsSync(file)) {
    throw new CommandError({
      what: 'this is no output folder of CDKTF',
      got: directory,
      allowed: 'a folder with a manifest.json, such as cdktf.out',
      fix: 'run `npx cdktf synth` first, and name the folder that it writes',
    });
  }
  return (readJson(file) as Manifest).stacks ?? {};
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandError({
      what: `${file} cannot be read`,
      got: (error as Error).message,
      allowed: 'what `cdktf synth` writes',
      fix: 'synthesize again',
    });
  }
}

/** Paths of the constructs that made the blocks. */
function pathsIn(...sections: readonly unknown[]): string[] {
  return sections
    .flatMap((types) => Object.values((types ?? {}) as { [type: string]: object }))
    .flatMap((blocks) => Object.values(blocks))
    .flatMap((block) => block?.['//']?.metadata?.path ?? []);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function byDepth(a: ComponentRecord, b: ComponentRecord): number {
  return a.path.length - b.path.length;
}
