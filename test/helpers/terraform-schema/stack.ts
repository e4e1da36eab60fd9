import { isObject } from './blocks';
import { type BlockSchema, type ProviderSchema, providerOf } from './provider-schemas';

export type BlockKind = 'resource' | 'data' | 'provider' | 'module' | 'local' | 'output' | 'variable';

/** A block of a stack that can hold or receive references. */
export interface StackBlock {
  kind: BlockKind;
  /** As Terraform writes it: `oci_core_vcn.main`, `data.oci_core_services.all`, `provider.oci`, `local.name`. */
  address: string;
  /** Resource or data source type; provider name for a provider. */
  type: string;
  body: unknown;
  /** Missing where no provider is involved, or the provider has no such type. */
  schema?: BlockSchema;
}

/** Types that Terraform brings along. */
const BUILT_IN = new Set(['terraform_data', 'terraform_remote_state']);

/** All blocks of a `cdk.tf.json` by address. */
export function readStack(
  json: Record<string, unknown>,
  schemas: Map<string, ProviderSchema>,
): Map<string, StackBlock> {
  const blocks: StackBlock[] = [];
  for (const [type, name, body] of entries(json['resource'])) {
    const schema = schemas.get(providerOf(type))?.resource_schemas[type]?.block;
    blocks.push({ kind: 'resource', address: `${type}.${name}`, type, body, schema });
  }
  for (const [type, name, body] of entries(json['data'])) {
    const schema = schemas.get(providerOf(type))?.data_source_schemas[type]?.block;
    blocks.push({ kind: 'data', address: `data.${type}.${name}`, type, body, schema });
  }
  for (const [type, value] of Object.entries(object(json['provider']))) {
    for (const body of Array.isArray(value) ? value : [value]) {
      const alias = isObject(body) && typeof body['alias'] === 'string' ? `.${body['alias']}` : '';
      const schema = schemas.get(type)?.provider.block;
      blocks.push({ kind: 'provider', address: `provider.${type}${alias}`, type, body, schema });
    }
  }
  for (const kind of ['module', 'output', 'variable'] as const) {
    for (const [name, body] of Object.entries(object(json[kind]))) {
      blocks.push({ kind, address: `${kind === 'variable' ? 'var' : kind}.${name}`, type: kind, body });
    }
  }
  for (const [name, body] of Object.entries(object(json['locals']))) {
    blocks.push({ kind: 'local', address: `local.${name}`, type: 'local', body });
  }
  return new Map(blocks.map((block) => [block.address, block]));
}

/** What is wrong with the type of a block, or undefined. */
export function typeFault(
  { kind, type, schema }: StackBlock,
  schemas: Map<string, ProviderSchema>,
): string | undefined {
  if (schema || BUILT_IN.has(type) || !['resource', 'data', 'provider'].includes(kind)) return undefined;
  const provider = kind === 'provider' ? type : providerOf(type);
  if (!schemas.has(provider)) {
    return `no schema of provider "${provider}" to check against; known: ${[...schemas.keys()].sort().join(', ')}`;
  }
  return `provider "${provider}" has no ${kind === 'data' ? 'data source' : 'resource'} type "${type}"`;
}

/** Address of the provider configuration that a resource or data source uses. */
export function providerAddress({ type, body }: StackBlock): string {
  const chosen = isObject(body) ? body['provider'] : undefined;
  return `provider.${typeof chosen === 'string' ? chosen : providerOf(type)}`;
}

/** Construct path that CDKTF writes into a block, when it does. */
export function constructPath({ body }: StackBlock): string | undefined {
  const metadata = isObject(body) && isObject(body['//']) ? body['//']['metadata'] : undefined;
  const path = isObject(metadata) ? metadata['path'] : undefined;
  return typeof path === 'string' ? path : undefined;
}

function entries(section: unknown): [type: string, name: string, body: unknown][] {
  return Object.entries(object(section)).flatMap(([type, named]) =>
    Object.entries(object(named)).map(([name, body]): [string, string, unknown] => [type, name, body]),
  );
}

function object(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
