import { ociSchema, UsageError } from './schema.mjs';

/**
 * Narrows a schema document to the blocks that `subset.json` names.
 *
 * @param {object} document a normalized schema document
 * @param {{ resources: string[], dataSources: string[] }} subset full type names, such as `oci_core_vcn`
 * @returns the provider's schema with only those blocks
 * @throws UsageError that lists every name the provider does not have, every double and what is out of order
 */
export function selectSubset(document, subset) {
  const faults = subsetFaults(document, subset);
  if (faults.length > 0) throw new UsageError(`subset.json has ${faults.length} faults:\n  ${faults.join('\n  ')}`);
  const { provider, resource_schemas, data_source_schemas } = ociSchema(document);
  return {
    provider,
    resource_schemas: pick(resource_schemas, subset.resources),
    data_source_schemas: pick(data_source_schemas, subset.dataSources),
  };
}

/** Names that the provider does not have, names listed twice, and names out of order; one line each. */
export function subsetFaults(document, subset) {
  const { resource_schemas, data_source_schemas } = ociSchema(document);
  return [
    ...listFaults('resources', subset.resources, resource_schemas),
    ...listFaults('dataSources', subset.dataSources, data_source_schemas),
  ];
}

function listFaults(list, names, schemas) {
  if (!Array.isArray(names)) return [`${list}: expected a list of type names, got ${JSON.stringify(names)}`];
  return names.flatMap((name, index) => {
    if (!Object.hasOwn(schemas, name)) return [`${list}: the provider has no "${name}"${suggestion(name, schemas)}`];
    if (names.indexOf(name) !== index) return [`${list}: "${name}" is listed twice`];
    if (index > 0 && names[index - 1] > name) return [`${list}: "${name}" must stand before "${names[index - 1]}"`];
    return [];
  });
}

function suggestion(name, schemas) {
  const tail = String(name).replace(/^oci_/, '');
  const near = Object.keys(schemas)
    .filter((known) => known === `oci_${tail}s` || known.endsWith(`_${tail}`) || `${known}s` === name)
    .slice(0, 3);
  return near.length > 0 ? `; it has ${near.join(', ')}` : '';
}

function pick(schemas, names) {
  return Object.fromEntries(names.map((name) => [name, schemas[name]]));
}
