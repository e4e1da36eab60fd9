import type { JsonObject } from '../../contracts/json-rpc.js';
import { objectRoot } from './object-root.js';
import type { Translation } from './translation.js';
import { mapSchemas } from './walk.js';
import { wellFormed } from './well-formed.js';

/** Members that say of which document a schema is part, or in which language it is written: here it is always the same. */
const bookkeeping = ['$schema', '$id', '$anchor', '$dynamicAnchor', '$vocabulary', '$comment'];

/** Members whose references cannot be checked without knowing more of the schema. */
const unknown = ['$dynamicRef', 'dependencies'];

/**
 * The schema of arguments as JSON Schema for services that read it themselves: an object with properties, and no reference out of
 * the schema.
 */
export function plainSchema(translation: Translation): JsonObject {
  return written(objectRoot(translation), '', translation, 0);
}

function written(schema: JsonObject, place: string, translation: Translation, level: number): JsonObject {
  translation.count(level);
  translation.leaveOut(place, schema, unknown);
  const { $ref, ...rest } = wellFormed(schema, place, translation);
  const members = Object.entries(rest).filter(([name]) => !bookkeeping.includes(name) && !unknown.includes(name));
  const own = mapSchemas(Object.fromEntries(members), place, (part, below) =>
    typeof part === 'boolean' ? part : written(part, below, translation, level + 1),
  );
  const kept = $ref !== undefined && translation.find(place, $ref) !== undefined ? { $ref, ...own } : own;
  // A list that does not say what it holds is refused by OpenAI, and one of anything says the same.
  const isOpen = kept.type === 'array' && kept.items === undefined && kept.prefixItems === undefined;
  return isOpen ? { ...kept, items: {} } : kept;
}
