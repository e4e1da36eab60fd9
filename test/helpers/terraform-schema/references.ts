import { type BlockFault, isObject } from './blocks';
import { bareTraversal, isUnclosed, type Step, type Traversal, traversals } from './expressions';
import { type BlockSchema, type ProviderSchema, providerOf, type TypeExpression } from './provider-schemas';
import { providerAddress, type StackBlock } from './stack';

/** What a block refers to: addresses of blocks that exist, and faults of those that do not. */
export interface References {
  targets: Set<string>;
  faults: BlockFault[];
}

/** Numbers and strings that CDKTF puts in place of values it should have resolved before writing the file. */
const UNRESOLVED = /\$?\{?TfToken\[/;
const UNRESOLVED_NUMBER = -1e200;

/** Reads every reference in a block and follows it into the stack and the schema. */
export function readReferences(
  block: StackBlock,
  stack: Map<string, StackBlock>,
  schemas: Map<string, ProviderSchema>,
): References {
  const targets = new Set<string>();
  const faults: BlockFault[] = [];

  const follow = (traversal: Traversal, path: string) => {
    const address = targetAddress(traversal, schemas);
    if (!address) return;
    const target = stack.get(address.text);
    if (!target) {
      faults.push({ path, problem: `"${traversal.text}" refers to ${address.text}, which is not in the stack` });
      return;
    }
    targets.add(address.text);
    const problem = attributeFault(target, traversal.steps.slice(address.steps));
    if (problem) faults.push({ path, problem: `"${traversal.text}": ${target.address} ${problem}` });
  };

  for (const { text, path } of strings(block.body)) {
    if (UNRESOLVED.test(text)) faults.push({ path, problem: `unresolved CDKTF token: ${text.slice(0, 60)}` });
    if (isUnclosed(text)) faults.push({ path, problem: `"${text.slice(0, 60)}" opens an expression that never ends` });
    for (const traversal of traversals(text)) follow(traversal, path);
  }
  for (const path of unresolvedNumbers(block.body)) faults.push({ path, problem: 'unresolved CDKTF number token' });

  for (const { text, path } of addresses(block)) {
    const traversal = bareTraversal(text);
    if (traversal && targetAddress(traversal, schemas)) follow(traversal, path);
    else faults.push({ path, problem: `expected an address such as oci_core_vcn.main, without \${…}, got "${text}"` });
  }
  if (block.kind === 'resource' || block.kind === 'data') {
    const provider = providerAddress(block);
    if (stack.has(provider)) targets.add(provider);
    else if (block.schema) faults.push({ path: 'provider', problem: `the stack has no ${provider}` });
  }
  return { targets, faults };
}

/** The strings of a block that Terraform wants as plain addresses. */
function* addresses({ kind, body }: StackBlock): Generator<{ text: string; path: string }> {
  if (!isObject(body) || !['resource', 'data', 'module'].includes(kind)) return;
  yield* strings(body['depends_on'] ?? [], 'depends_on');
  const lifecycle = body['lifecycle'];
  if (isObject(lifecycle)) yield* strings(lifecycle['replace_triggered_by'] ?? [], 'lifecycle.replace_triggered_by');
}

/** The address a traversal starts with, and how many steps belong to it; undefined when it names no block. */
function targetAddress({ root, steps }: Traversal, schemas: Map<string, ProviderSchema>) {
  const names = steps.map((step) => (step.kind === 'attribute' ? step.name : undefined));
  const [first, second] = names;
  if (root === 'data') return first && second ? { text: `data.${first}.${second}`, steps: 2 } : undefined;
  if (!first) return undefined;
  if (['var', 'local', 'module'].includes(root)) return { text: `${root}.${first}`, steps: 1 };
  const isType = root.includes('_') && (schemas.has(providerOf(root)) || root.startsWith('terraform_'));
  return isType ? { text: `${root}.${first}`, steps: 1 } : undefined;
}

/** Why the steps cannot be taken on a block, or undefined. */
function attributeFault({ schema, body }: StackBlock, steps: Step[]): string | undefined {
  const [first, second] = steps;
  if (!schema || !first) return undefined;
  const isRepeated = isObject(body) && (body['count'] ?? body['for_each'] ?? null) !== null;
  if (first.kind === 'index' && !isRepeated) return 'has neither count nor for_each, so the index is too much';
  if (first.kind === 'attribute' && isRepeated) return 'has count or for_each; an index must come first';
  const step = first.kind === 'attribute' ? first : second;
  if (step?.kind !== 'attribute') return undefined;
  const type = schema.attributes?.[step.name]?.type ?? blockType(schema, step.name);
  const rest = steps.slice(first.kind === 'attribute' ? 1 : 2);
  return type ? typeFault(type, rest, step.name) : `has no attribute "${step.name}"`;
}

function typeFault(type: TypeExpression, steps: Step[], path: string): string | undefined {
  const [step, ...rest] = steps;
  if (!step || type === 'dynamic') return undefined;
  if (typeof type === 'string') return `has a ${type} at "${path}", nothing inside it`;
  const [kind, inner] = type;
  if (kind === 'object') {
    const name = step.kind === 'attribute' ? step.name : step.kind === 'index' ? step.key : undefined;
    if (name === undefined) return undefined;
    const attribute = inner[name];
    return attribute ? typeFault(attribute, rest, `${path}.${name}`) : `has no attribute "${name}" at "${path}"`;
  }
  if (kind === 'map') return typeFault(inner, rest, `${path}[…]`);
  if (step.kind === 'attribute') return `has a ${kind} at "${path}"; an index must come before ".${step.name}"`;
  if (kind === 'set' && step.kind === 'index')
    return `has a set at "${path}", which has no order; use tolist() or one()`;
  return typeFault(inner, rest, `${path}[…]`);
}

/** The type of a nested block as an expression sees it. */
function blockType(schema: BlockSchema, name: string): TypeExpression | undefined {
  const nested = schema.block_types?.[name];
  if (!nested) return undefined;
  const attributes = Object.entries(nested.block.attributes ?? {}).map(([key, { type }]) => [key, type]);
  const blocks = Object.keys(nested.block.block_types ?? {}).map((key) => [key, blockType(nested.block, key)]);
  const type: TypeExpression = ['object', Object.fromEntries([...attributes, ...blocks])];
  return nested.nesting_mode === 'single' ? type : [nested.nesting_mode, type];
}

function* strings(value: unknown, path = ''): Generator<{ text: string; path: string }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* strings(item, `${path}[${index}]`);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '//') continue;
      const at = path === '' ? key : `${path}.${key}`;
      yield { text: key, path: at };
      if (path !== '' || key !== 'depends_on') yield* strings(item, at);
    }
  }
}

function* unresolvedNumbers(value: unknown, path = ''): Generator<string> {
  if (typeof value === 'number' && value < UNRESOLVED_NUMBER) yield path;
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* unresolvedNumbers(item, `${path}[${index}]`);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value))
      yield* unresolvedNumbers(item, path === '' ? key : `${path}.${key}`);
  }
}
