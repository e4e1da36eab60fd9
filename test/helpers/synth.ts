import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformStack, Testing } from 'cdktf';
import { expectValidTerraform } from './terraform-schema';

/** A block of the synthesized stack, with Terraform's own names of its arguments. */
// biome-ignore lint/suspicious/noExplicitAny: tests read deep into blocks whose types are the providers' schemas
export type Block = { readonly [argument: string]: any };

/** A `cdk.tf.json`, and ways into it. */
export interface SynthesizedJson {
  /** The whole file. */
  readonly json: Block;
  /** Every resource of a kind, or every resource, in the order of their addresses. */
  resources(type?: string): Block[];
  /** The one resource of a kind, made by the construct with an id at the top of the stack where one is given. */
  resource(type: string, id?: string): Block;
  /** Every data source of a kind, or every data source. */
  dataSources(type?: string): Block[];
}

/** What a stack became. */
export interface Synthesized extends SynthesizedJson {
  /** Warnings in the order of the construct tree, as `[path] message`. */
  readonly warnings: readonly string[];
}

export interface SynthOptions {
  /** Id of the stack. @default "stack" */
  readonly stackId?: string;
}

/**
 * Synthesizes a stack that has both providers, with every validation, and checks the result against the providers'
 * schemas.
 *
 * @example
 * const { resource } = synth((stack) => new PrivateNetwork(stack, 'Network', { compartmentId }));
 * expect(resource('oci_core_subnet').prohibit_public_ip_on_vnic).toBe(true);
 */
export function synth(build: (stack: TerraformStack) => void, options: SynthOptions = {}): Synthesized {
  const stack = makeStack(build, options);
  const json: Block = JSON.parse(Testing.synth(stack, true));
  expectValidTerraform(json);
  return { ...readSynthesized(json), warnings: warningsOf(stack) };
}

/** Ways into a parsed `cdk.tf.json`. */
export function readSynthesized(json: Block): SynthesizedJson {
  const resources = (type?: string) => blocksOf(json['resource'], type);
  return {
    json,
    resources,
    resource: (type, id) => {
      const names = Object.keys(json['resource']?.[type] ?? {});
      const found = names.filter((name) => id === undefined || name === id || name.startsWith(`${id}_`));
      if (found.length !== 1) throw new Error(`expected one ${type} of ${id ?? 'the stack'}, got ${found.join(', ')}`);
      return json['resource'][type][found[0] as string];
    },
    dataSources: (type) => blocksOf(json['data'], type),
  };
}

/**
 * What synthesizing a stack complains about, one line for each fault: `[stack/Logs] port: got 0; allowed: …`.
 * @throws where synthesizing succeeds, or fails for another reason than the validation of constructs
 */
export function faultsOf(build: (stack: TerraformStack) => void, options: SynthOptions = {}): string[] {
  const message = failureOf(() => Testing.synth(makeStack(build, options), true));
  const [title, ...lines] = message.split('\n').map((line) => line.trim());
  if (!title?.startsWith('Validation failed')) throw new Error(`not a validation: ${message}`);
  return lines.filter((line) => line.startsWith('['));
}

/** Address of a resource, as `depends_on` holds it. */
export function addressOf(stack: SynthesizedJson, block: Block): string {
  const types: Block = stack.json['resource'];
  for (const [type, blocks] of Object.entries(types)) {
    const name = Object.keys(blocks).find((each) => blocks[each] === block);
    if (name !== undefined) return `${type}.${name}`;
  }
  throw new Error('the block is no resource of this stack');
}

function makeStack(build: (stack: TerraformStack) => void, { stackId = 'stack' }: SynthOptions): TerraformStack {
  const stack = new TerraformStack(Testing.app(), stackId);
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  new KubernetesProvider(stack, 'Kubernetes', { configPath: 'kubeconfig' });
  build(stack);
  return stack;
}

function failureOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected synthesizing to fail, but it succeeded');
}

function blocksOf(section: Block = {}, type?: string): Block[] {
  return Object.keys(section)
    .filter((each) => type === undefined || each === type)
    .sort()
    .flatMap((each) =>
      Object.keys(section[each])
        .sort()
        .map((name) => section[each][name]),
    );
}

function warningsOf(stack: TerraformStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => `[${node.path}] ${data}`),
    );
}
