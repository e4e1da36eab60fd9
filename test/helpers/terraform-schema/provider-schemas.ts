import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A type as Terraform writes it in JSON, such as `"string"` or `["list", ["object", { "id": "string" }]]`. */
export type TypeExpression =
  | 'string'
  | 'number'
  | 'bool'
  | 'dynamic'
  | ['list' | 'set' | 'map', TypeExpression]
  | ['object', Record<string, TypeExpression>]
  | ['object', Record<string, TypeExpression>, string[]];

export interface AttributeSchema {
  type: TypeExpression;
  required?: boolean;
  optional?: boolean;
  computed?: boolean;
  sensitive?: boolean;
}

export interface NestedBlockSchema {
  nesting_mode: 'single' | 'list' | 'set' | 'map';
  block: BlockSchema;
  min_items?: number;
  max_items?: number;
}

export interface BlockSchema {
  attributes?: Record<string, AttributeSchema>;
  block_types?: Record<string, NestedBlockSchema>;
}

export interface ProviderSchema {
  provider: { block: BlockSchema };
  resource_schemas: Record<string, { block: BlockSchema }>;
  data_source_schemas: Record<string, { block: BlockSchema }>;
}

/** Folders with `<name>-<version>.schema.json.gz` files, outputs of `terraform providers schema -json`. */
const SCHEMA_DIRS = [join(__dirname, '../../../provider-oci/schema'), join(__dirname, '../../schemas')];

let loaded: Map<string, ProviderSchema> | undefined;

/** Stored provider schemas by local name, such as `oci`. Read once for each process. */
export function providerSchemas(): Map<string, ProviderSchema> {
  loaded ??= new Map(
    SCHEMA_DIRS.flatMap((dir) => readdirSync(dir).map((file) => join(dir, file)))
      .filter((file) => file.endsWith('.schema.json.gz'))
      .flatMap((file) => {
        const document = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
        return Object.entries<ProviderSchema>(document.provider_schemas);
      })
      .map(([address, schema]) => [address.slice(address.lastIndexOf('/') + 1), schema]),
  );
  return loaded;
}

/** Local name of the provider that a type belongs to: Terraform takes the part before the first underscore. */
export function providerOf(type: string): string {
  return type.split('_', 1)[0] ?? type;
}

/** A type in words: `list of string`. */
export function describeType(type: TypeExpression): string {
  if (typeof type === 'string') return type === 'dynamic' ? 'any value' : type;
  if (type[0] === 'object') return 'object';
  return `${type[0]} of ${describeType(type[1])}`;
}
