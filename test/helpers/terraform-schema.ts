import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BlockFault, checkBody, checkLifecycle, isObject } from './terraform-schema/blocks';
import { findCycles } from './terraform-schema/cycles';
import { providerSchemas } from './terraform-schema/provider-schemas';
import { readReferences } from './terraform-schema/references';
import { constructPath, readStack, type StackBlock, typeFault } from './terraform-schema/stack';

/** Arguments that Terraform itself gives to every block of a kind. */
const META_ARGUMENTS = {
  resource: new Set(['//', 'provider', 'depends_on', 'lifecycle', 'count', 'for_each', 'provisioner', 'connection']),
  data: new Set(['//', 'provider', 'depends_on', 'lifecycle', 'count', 'for_each']),
  provider: new Set(['//', 'alias']),
};

/**
 * Checks a synthesized stack as `terraform validate` would, and some more, without Terraform: every resource, data and
 * provider block against the stored provider schemas, every reference, the order of things.
 *
 * @param cdkTfJson parsed `cdk.tf.json`
 * @returns one line for each fault, `<address> (<construct path>): <path in the block>: <what is wrong>`; empty when
 * the stack is right
 */
export function checkSynthesized(cdkTfJson: object): string[] {
  const schemas = providerSchemas();
  const stack = readStack(cdkTfJson as Record<string, unknown>, schemas);
  const edges = new Map<string, Set<string>>();
  const messages: string[] = [];

  for (const block of stack.values()) {
    const unknown = typeFault(block, schemas);
    const references = readReferences(block, stack, schemas);
    edges.set(block.address, references.targets);
    const faults = [...(unknown ? [{ path: '', problem: unknown }] : checkArguments(block)), ...references.faults];
    messages.push(...faults.map(({ path, problem }) => [title(block), path, problem].filter(Boolean).join(': ')));
  }
  messages.push(...findCycles(edges).map((cycle) => `cycle: ${cycle.join(' -> ')}`));
  return messages;
}

/**
 * Fails a test when a stack has faults, with all of them in the message.
 *
 * @param stack a parsed `cdk.tf.json`, its text (what `Testing.synth` returns), or the path of the file, of a stack's
 * folder, or of a whole `cdktf.out`
 */
export function expectValidTerraform(stack: string | object): void {
  const faults = readStacks(stack).flatMap(({ name, json }) => {
    const messages = checkSynthesized(json);
    return messages.length > 0 ? [`${name} has ${messages.length} fault(s):\n  ${messages.join('\n  ')}`] : [];
  });
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

function checkArguments({ kind, body, schema }: StackBlock): BlockFault[] {
  if (!schema || (kind !== 'resource' && kind !== 'data' && kind !== 'provider')) return [];
  const faults = checkBody(body, schema, META_ARGUMENTS[kind]);
  return kind === 'provider' || !isObject(body)
    ? faults
    : [...faults, ...checkLifecycle(body['lifecycle'], kind, schema)];
}

function title(block: StackBlock): string {
  const path = constructPath(block);
  return path ? `${block.address} (${path})` : block.address;
}

function readStacks(stack: string | object): { name: string; json: object }[] {
  if (typeof stack === 'object') return [{ name: 'the stack', json: stack }];
  if (stack.trimStart().startsWith('{')) return [{ name: 'the stack', json: JSON.parse(stack) }];
  return stackFiles(stack).map((file) => {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isObject(json)) throw new Error(`${file} does not hold a JSON object`);
    return { name: file, json };
  });
}

function stackFiles(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const single = join(path, 'cdk.tf.json');
  if (existsSync(single)) return [single];
  const stacks = join(path, 'stacks');
  const files = existsSync(stacks) ? readdirSync(stacks).map((name) => join(stacks, name, 'cdk.tf.json')) : [];
  const found = files.filter((file) => existsSync(file)).sort();
  if (found.length === 0) throw new Error(`${path} has no cdk.tf.json and no stacks/*/cdk.tf.json; synthesize first`);
  return found;
}
