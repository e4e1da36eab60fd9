import type { JsonObject } from '../../contracts/json-rpc.js';
import { shortened } from '../text.js';
import type { Translation } from './translation.js';
import { mapSchemas } from './walk.js';

/** A schema in which no description has more characters than that. */
export function withShortDescriptions(
  schema: JsonObject | boolean,
  most: number,
  translation: Translation,
  place = '',
): JsonObject | boolean {
  if (typeof schema === 'boolean') return schema;
  const { description } = schema;
  const isLong = typeof description === 'string' && description.length > most;
  if (isLong) translation.note(place, `the description is cut to ${most} characters`);
  const short = isLong ? { ...schema, description: shortened(description, most) } : schema;
  return mapSchemas(short, place, (part, below) => withShortDescriptions(part, most, translation, below));
}
