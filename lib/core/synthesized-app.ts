import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';

/** Arguments of a block under Terraform's own names, references written as `${…}`. */
export interface BlockArguments {
  readonly [argument: string]: unknown;
}

/** A resource or a data source as it is synthesized, whoever made it and however it was overridden. */
export interface SynthesizedBlock {
  /** Type of the resource or data source: `oci_core_vcn`. Of several names for one type, the last. */
  readonly type: string;
  /** Address inside its stack: `oci_core_vcn.Network_Vcn_1A2B`, with `data.` in front for a data source. */
  readonly address: string;
  readonly arguments: BlockArguments;
  /** The construct that made it; the stack, where an override of the stack did. */
  readonly construct: IConstruct;
  readonly stack: SynthesizedStack;
}

/** A stack as it is synthesized. */
export interface SynthesizedStack {
  readonly stack: TerraformStack;
  /** Resources by their addresses. */
  readonly resources: ReadonlyMap<string, SynthesizedBlock>;
  /** Data sources by their addresses. */
  readonly dataSources: ReadonlyMap<string, SynthesizedBlock>;
  /** The whole `cdk.tf.json`. */
  readonly json: BlockArguments;
}

/**
 * Every stack of an app as it is synthesized: what a rule or a report has to look at, because a team may make resources with
 * plain bindings and override what constructs made. Ask for it at synth, after Aspects.
 */
export class SynthesizedApp {
  /**
   * @param root The app, or any construct in it. A stack that cannot be rendered is left out: synthesizing it fails with what
   * is wrong.
   */
  public static of(root: IConstruct): SynthesizedApp {
    const stacks = root.node.root.node.findAll().filter((each) => TerraformStack.isStack(each));
    return new SynthesizedApp(stacks.flatMap((stack) => readStack(stack) ?? []));
  }

  private constructor(public readonly stacks: readonly SynthesizedStack[]) {}

  /** Every resource of these types, in the order of stacks and addresses. */
  public resources(...types: string[]): SynthesizedBlock[] {
    return this.stacks.flatMap(({ resources }) => [...resources.values()].filter(({ type }) => types.includes(type)));
  }

  /** Every data source of these types, in the order of stacks and addresses. */
  public dataSources(...types: string[]): SynthesizedBlock[] {
    return this.stacks.flatMap(({ dataSources }) =>
      [...dataSources.values()].filter(({ type }) => types.includes(type)),
    );
  }

  /** The resources and data sources that a text of `stack` refers to, those of other stacks of the app too. */
  public referencesOf(stack: SynthesizedStack, text: unknown): SynthesizedBlock[] {
    if (typeof text !== 'string') return [];
    const found = [...text.matchAll(reference)].flatMap(([address]) => {
      const block = stack.resources.get(address) ?? stack.dataSources.get(address);
      if (block?.type === 'terraform_remote_state') return this.outputOf(text);
      return block ?? [];
    });
    return [...new Set(found)];
  }

  /** The one block that a text of `stack` refers to first. */
  public referenceOf(stack: SynthesizedStack, text: unknown): SynthesizedBlock | undefined {
    return this.referencesOf(stack, text)[0];
  }

  /** CDKTF carries a reference from one stack into another by an output of its own that is named after it. */
  private outputOf(text: string): SynthesizedBlock[] {
    const name = /\.outputs\.([\w-]+)/.exec(text)?.[1];
    return this.stacks.flatMap((stack) => {
      return name === undefined ? [] : this.referencesOf(stack, textAt(stack.json, 'output', name, 'value'));
    });
  }
}

/**
 * The blocks at a place in the arguments, however many there are of each: Terraform takes one block as an object or a list, and
 * makes one of each element of something that it alone knows.
 * @see https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
 *
 * @example
 * blocksAt(deployment.arguments, 'spec', 'template', 'spec', 'container');
 */
export function blocksAt(value: unknown, ...path: string[]): BlockArguments[] {
  if (Array.isArray(value)) return value.flatMap((each) => blocksAt(each, ...path));
  if (typeof value !== 'object' || value === null) return [];
  const block = value as BlockArguments;
  const [first, ...rest] = path;
  if (first === undefined) return [block];
  return [...blocksAt(block[first], ...rest), ...blocksAt(block['dynamic'], first, 'content', ...rest)];
}

/** The text at a place in the arguments, in the first block where there are several. */
export function textAt(value: unknown, ...path: string[]): string | undefined {
  const last = path.at(-1) ?? '';
  return blocksAt(value, ...path.slice(0, -1))
    .map((block) => block[last])
    .find((text): text is string => typeof text === 'string');
}

/** Every text in a value, with the names of the arguments that lead to it. */
export function textsOf(value: unknown, path: readonly string[] = []): { path: readonly string[]; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((each) => textsOf(each, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => textsOf(each, [...path, name]));
}

/** Whether Terraform alone knows what stands here. */
export function isReference(text: string): boolean {
  return text !== '' && literalOf(text, '') === '';
}

/** A text with one sign in place of each reference, however deep its braces are. */
export function literalOf(text: string, replacement = '…'): string {
  let literal = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (depth === 0 && text.startsWith('${', i)) literal += replacement;
    else if (depth === 0 && !(sign === '{' && text[i - 1] === '$')) literal += sign;
    if (sign === '{' && (depth > 0 || text[i - 1] === '$')) depth++;
    if (sign === '}' && depth > 0) depth--;
  }
  return literal;
}

/** What looks like the address of a block; whether it is one, the stack knows. */
const reference = /\b(?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*/g;

/** Resources that the provider still has under their first names, by these. */
const laterNames: { readonly [type: string]: string } = {
  oci_load_balancer: 'oci_load_balancer_load_balancer',
  oci_load_balancer_backendset: 'oci_load_balancer_backend_set',
};

function readStack(stack: TerraformStack): SynthesizedStack | undefined {
  const json = renderStack(stack);
  if (json === undefined) return undefined;
  const constructs = new Map(stack.node.findAll().map((construct) => [construct.node.path, construct]));
  const read: { -readonly [field in keyof SynthesizedStack]: SynthesizedStack[field] } = {
    stack,
    json,
    resources: new Map(),
    dataSources: new Map(),
  };
  const blocksOf = (section: 'resource' | 'data', prefix: string) =>
    Object.entries(partOf(json, section) ?? {}).flatMap(([type, blocks]) =>
      Object.entries(blocks as BlockArguments).map(([name, block]): [string, SynthesizedBlock] => {
        const { '//': comment, ...args } = block as BlockArguments;
        const construct = constructs.get(textAt(comment, 'metadata', 'path') ?? '') ?? stack;
        const address = `${prefix}${type}.${name}`;
        return [address, { type: laterNames[type] ?? type, address, arguments: args, construct, stack: read }];
      }),
    );
  read.resources = new Map(blocksOf('resource', '').sort(byAddress));
  read.dataSources = new Map(blocksOf('data', 'data.').sort(byAddress));
  return read;
}

/** Rendering throws where constructs are at fault; their own validations then say so. */
function renderStack(stack: TerraformStack): BlockArguments | undefined {
  try {
    return stack.toTerraform();
  } catch {
    return undefined;
  }
}

function partOf(value: unknown, name: string): BlockArguments | undefined {
  return blocksAt(value, name)[0];
}

function byAddress([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
