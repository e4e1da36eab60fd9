import { hasInterpolation, isWholeExpression } from './expressions';
import {
  type AttributeSchema,
  type BlockSchema,
  describeType,
  type NestedBlockSchema,
  type TypeExpression,
} from './provider-schemas';

/** A fault inside a block: where, as in `ingress[0].port`, and what. */
export interface BlockFault {
  path: string;
  problem: string;
}

/**
 * Checks the body of a block, as `cdk.tf.json` has it, against its schema.
 *
 * @param ignored names at the top of the body that are not the provider's, such as `depends_on`
 */
export function checkBody(body: unknown, schema: BlockSchema, ignored: ReadonlySet<string>, path = ''): BlockFault[] {
  if (!isObject(body)) return [{ path, problem: `expected an object, got ${show(body)}` }];
  const attributes = schema.attributes ?? {};
  const blocks = schema.block_types ?? {};
  const dynamic = isObject(body['dynamic']) ? body['dynamic'] : {};
  const faults: BlockFault[] = [];

  for (const [name, value] of Object.entries(body)) {
    if (value === null || ignored.has(name) || (name === 'dynamic' && !attributes[name] && !blocks[name])) continue;
    const at = join(path, name);
    const attribute = attributes[name];
    const block = blocks[name];
    if (attribute)
      faults.push(
        ...checkAttribute(value, isImplicitId(at, attribute) ? { ...attribute, optional: false } : attribute, at),
      );
    else if (block) faults.push(...checkNestedBlocks(value, block, at, name in dynamic));
    else faults.push({ path: at, problem: `unknown argument; allowed here: ${settable(schema).join(', ')}` });
  }
  for (const [name, value] of Object.entries(dynamic)) faults.push(...checkDynamic(name, value, blocks, path));

  const isMissing = (name: string) => body[name] === undefined || body[name] === null;
  for (const [name, { required, type }] of Object.entries(attributes)) {
    if (required && isMissing(name)) {
      faults.push({ path: join(path, name), problem: `required argument is missing (${describeType(type)})` });
    }
  }
  for (const [name, { min_items: min = 0 }] of Object.entries(blocks)) {
    if (min > 0 && isMissing(name) && !(name in dynamic)) {
      faults.push({ path: join(path, name), problem: `at least ${min} block(s) needed, got none` });
    }
  }
  return faults;
}

/** Every resource has an `id`; the schema lists it as optional, but providers refuse it. */
function isImplicitId(path: string, { optional, computed }: AttributeSchema): boolean {
  return path === 'id' && optional === true && computed === true;
}

/** Names that a block takes from its configuration. */
function settable({ attributes = {}, block_types = {} }: BlockSchema): string[] {
  const names = Object.keys(attributes).filter((name) => attributes[name]?.required || attributes[name]?.optional);
  return [...names, ...Object.keys(block_types)].sort();
}

/** Arguments of a `lifecycle` block; a data source has only the conditions. */
const LIFECYCLE = {
  resource: [
    'create_before_destroy',
    'prevent_destroy',
    'ignore_changes',
    'replace_triggered_by',
    'precondition',
    'postcondition',
  ],
  data: ['precondition', 'postcondition'],
};

/** Checks the `lifecycle` of a block: its arguments, and that what `ignore_changes` names is there. */
export function checkLifecycle(lifecycle: unknown, kind: 'resource' | 'data', schema: BlockSchema): BlockFault[] {
  if (!isObject(lifecycle)) return [];
  const known = { ...schema.attributes, ...schema.block_types };
  const ignored = Array.isArray(lifecycle['ignore_changes']) ? lifecycle['ignore_changes'] : [];
  return [
    ...Object.keys(lifecycle)
      .filter((name) => !LIFECYCLE[kind].includes(name))
      .map((name) => ({
        path: `lifecycle.${name}`,
        problem: `unknown argument; allowed here: ${LIFECYCLE[kind].join(', ')}`,
      })),
    ...ignored
      .filter((name) => !((String(name).split(/[.[]/, 1)[0] as string) in known))
      .map((name) => ({ path: 'lifecycle.ignore_changes', problem: `the block has no argument ${show(name)}` })),
  ];
}

function checkAttribute(value: unknown, schema: AttributeSchema, path: string): BlockFault[] {
  if (!schema.required && !schema.optional) {
    return [{ path, problem: 'set by the provider (computed only), remove it from the configuration' }];
  }
  return checkValue(value, schema.type, path, schema.sensitive === true);
}

function checkValue(value: unknown, type: TypeExpression, path: string, sensitive: boolean): BlockFault[] {
  if (value === null || type === 'dynamic' || (typeof value === 'string' && isWholeExpression(value))) return [];
  const wrong = [{ path, problem: `expected ${describeType(type)}, got ${sensitive ? kindOf(value) : show(value)}` }];
  if (typeof type === 'string') return isPrimitive(value, type) ? [] : wrong;

  const [kind, inner] = type;
  if (kind === 'list' || kind === 'set') {
    if (!Array.isArray(value)) return wrong;
    return value.flatMap((item, index) => checkValue(item, inner as TypeExpression, `${path}[${index}]`, sensitive));
  }
  if (!isObject(value)) return wrong;
  return Object.entries(value).flatMap(([key, item]) => {
    const itemType = kind === 'map' ? (inner as TypeExpression) : (inner as Record<string, TypeExpression>)[key];
    if (!itemType)
      return [{ path: `${path}.${key}`, problem: `unknown attribute; allowed here: ${Object.keys(inner).join(', ')}` }];
    return checkValue(item, itemType, `${path}.${key}`, sensitive);
  });
}

/** Terraform converts between primitives where the text allows it: `"8000"` is a number, `true` is a string. */
function isPrimitive(value: unknown, type: 'string' | 'number' | 'bool'): boolean {
  if (typeof value === 'object') return false;
  if (type === 'string' || (typeof value === 'string' && hasInterpolation(value))) return true;
  if (type === 'bool') return typeof value === 'boolean' || value === 'true' || value === 'false';
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
  );
}

function checkNestedBlocks(value: unknown, schema: NestedBlockSchema, path: string, hasDynamic: boolean): BlockFault[] {
  const { nesting_mode: mode, block, min_items: min = 0, max_items: max = mode === 'single' ? 1 : Infinity } = schema;
  if (mode === 'map') {
    if (!isObject(value)) return [{ path, problem: `expected blocks by name, got ${show(value)}` }];
    return Object.entries(value).flatMap(([key, body]) => checkBody(body, block, NONE, `${path}["${key}"]`));
  }
  const bodies = Array.isArray(value) ? value : [value];
  const faults: BlockFault[] = [];
  if (bodies.length < min && !hasDynamic)
    faults.push({ path, problem: `at least ${min} block(s) needed, got ${bodies.length}` });
  if (bodies.length > max) faults.push({ path, problem: `at most ${max} block(s) allowed, got ${bodies.length}` });
  return [
    ...faults,
    ...bodies.flatMap((body, index) => checkBody(body, block, NONE, Array.isArray(value) ? `${path}[${index}]` : path)),
  ];
}

function checkDynamic(
  name: string,
  value: unknown,
  blocks: Record<string, NestedBlockSchema>,
  path: string,
): BlockFault[] {
  const at = join(path, `dynamic.${name}`);
  const schema = blocks[name];
  if (!schema) return [{ path: at, problem: `unknown block; allowed here: ${Object.keys(blocks).sort().join(', ')}` }];
  return (Array.isArray(value) ? value : [value]).flatMap((entry) =>
    isObject(entry) && entry['for_each'] !== undefined
      ? checkBody(entry['content'], schema.block, NONE, `${at}.content`)
      : [{ path: at, problem: `expected "for_each" and "content", got ${show(entry)}` }],
  );
}

const NONE: ReadonlySet<string> = new Set();

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
