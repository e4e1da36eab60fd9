import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Address under which Terraform lists the provider. */
export const PROVIDER_ADDRESS = 'registry.terraform.io/oracle/oci';

/** Fields that carry prose. They are more than half of the size and the bindings do not need them. */
const PROSE = new Set(['description', 'description_kind', 'deprecation_message']);

/** A mistake in what the user passed in: printed as one message, without a stack trace. */
export class UsageError extends Error {}

/**
 * Reads a gzipped schema as stored under `schema/`.
 *
 * @param {string | URL} file
 */
export function readSchema(file) {
  return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
}

/** Version of the OCI provider that a document names, if it does; Terraform itself does not write one. */
export function providerVersion(document) {
  const versions = Object.entries(document.provider_versions ?? {});
  return versions.find(([address]) => address.endsWith('/oracle/oci'))?.[1];
}

/** The block schemas of the OCI provider inside a `terraform providers schema -json` document. */
export function ociSchema(document) {
  const schemas = document?.provider_schemas;
  if (!schemas || typeof schemas !== 'object') {
    throw new UsageError(
      'the file has no "provider_schemas"; pass the output of: terraform providers schema -json > schema.json',
    );
  }
  const addresses = Object.keys(schemas);
  const address = addresses.find((name) => name.endsWith('/oracle/oci'));
  if (!address) {
    throw new UsageError(
      `the file has no schema of oracle/oci, it has: ${addresses.join(', ') || 'no provider at all'}; ` +
        'run terraform providers schema -json in a folder whose required_providers names oracle/oci',
    );
  }
  const schema = schemas[address];
  const count =
    Object.keys(schema.resource_schemas ?? {}).length + Object.keys(schema.data_source_schemas ?? {}).length;
  if (count === 0) throw new UsageError(`the schema of ${address} is empty: no resources and no data sources`);
  return schema;
}

/**
 * The same document with the OCI provider alone, without prose, keys sorted: what is worth storing.
 *
 * @returns a document with `format_version` and `provider_schemas`
 */
export function normalizeSchema(document) {
  const { provider, resource_schemas, data_source_schemas } = ociSchema(document);
  return withoutProse({
    format_version: document.format_version,
    provider_schemas: { [PROVIDER_ADDRESS]: { provider, resource_schemas, data_source_schemas } },
  });
}

/** Gzip whose bytes depend on the content alone: no time stamp, and byte 9 does not name the operating system. */
export function packSchema(document) {
  const bytes = gzipSync(Buffer.from(JSON.stringify(document)), { level: 9 });
  bytes[9] = 255;
  return bytes;
}

/**
 * What differs between two normalized documents.
 *
 * @returns `{ added, removed, changed }`, each a sorted list such as `resource oci_core_vcn`; a `changed` entry ends
 * with the attributes and blocks concerned, `+` new, `-` gone, `~` different
 */
export function compareSchemas(before, after) {
  const old = namedBlocks(ociSchema(before));
  const now = namedBlocks(ociSchema(after));
  const added = [...now.keys()].filter((name) => !old.has(name)).sort();
  const removed = [...old.keys()].filter((name) => !now.has(name)).sort();
  const changed = [...now.keys()]
    .filter((name) => old.has(name))
    .map((name) => ({ name, fields: changedFields(old.get(name), now.get(name)) }))
    .filter(({ fields }) => fields.length > 0)
    .map(({ name, fields }) => `${name}: ${fields.join(' ')}`)
    .sort();
  return { added, removed, changed };
}

function namedBlocks(schema) {
  return new Map([
    ['provider', schema.provider?.block ?? {}],
    ...Object.entries(schema.resource_schemas ?? {}).map(([name, { block }]) => [`resource ${name}`, block]),
    ...Object.entries(schema.data_source_schemas ?? {}).map(([name, { block }]) => [`data ${name}`, block]),
  ]);
}

function changedFields(before, after) {
  const old = { ...before.attributes, ...before.block_types };
  const now = { ...after.attributes, ...after.block_types };
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().flatMap((name) => {
    if (!(name in old)) return [`+${name}`];
    if (!(name in now)) return [`-${name}`];
    return JSON.stringify(old[name]) === JSON.stringify(now[name]) ? [] : [`~${name}`];
  });
}

/** Prose is dropped where the schema format has it; a resource may well have an attribute of that name. */
function withoutProse(value, namesAreData = false) {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item, namesAreData));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    .filter(([key, child]) => child !== undefined && (namesAreData || !PROSE.has(key)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, child]) => [key, withoutProse(child, !namesAreData && NAME_TABLES.has(key))]),
  );
}

/** Objects whose keys are names chosen by the provider, not words of the schema format. */
const NAME_TABLES = new Set([
  'attributes',
  'block_types',
  'provider_schemas',
  'resource_schemas',
  'data_source_schemas',
]);
