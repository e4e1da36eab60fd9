import { isObject } from '../contracts/json-rpc.js';
import type { References } from './references.js';

/** What an object of a schema weighs, besides its texts, in characters of JSON. */
export const objectWeight = 32;

/** Characters up to which what is referred to is written in the place of the reference, which more clients understand. */
const mostInlined = 4096;

/** References within references that are followed to weigh one of them. */
const mostFollowed = 64;

/** Keywords whose schemas are about the same value as the schema they are in. */
const aboutTheSame = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'];

/** References in a schema to others that are about the same value. */
function referencesAbout(schema: unknown, depth: number): string[] {
  if (!isObject(schema) || depth > mostFollowed) return [];
  if (typeof schema.$ref === 'string') return [schema.$ref];
  const inner = aboutTheSame.flatMap((keyword) => schema[keyword] ?? []);
  return inner.flatMap((each) => referencesAbout(each, depth + 1));
}

/** Knows which parts of a document are small enough to be repeated wherever they are referred to. */
export class SchemaWeights {
  readonly #references: References;
  readonly #known = new Map<string, number>();
  /** Those that are being weighed, each within the one before. */
  readonly #weighing = new Set<string>();
  /** Those of them that were met again, within themselves. */
  readonly #cyclic = new Set<string>();

  readonly #hollow = new Map<string, boolean>();
  /** What references lead on to, about the same value. */
  readonly #followed = new Map<string, readonly string[]>();
  readonly #written = new WeakMap<object, number>();

  constructor(references: References) {
    this.#references = references;
  }

  /** Whether what a reference leads to may stand in its place: it is small, and does not contain itself. */
  isInlined(reference: string): boolean {
    return this.#weigh(reference) <= mostInlined;
  }

  /** Characters of a value that is written as it is. */
  lengthOf(value: unknown): number {
    if (typeof value !== 'object' || value === null) return String(value).length;
    const known = this.#written.get(value) ?? JSON.stringify(value).length;
    this.#written.set(value, known);
    return known;
  }

  /** Whether what a reference leads to is said to be what it leads to itself, and nothing else: whoever checks that never ends. */
  isHollow(reference: string): boolean {
    const known = this.#hollow.get(reference) ?? this.#leadsTo(reference, reference, new Set());
    this.#hollow.set(reference, known);
    return known;
  }

  #leadsTo(goal: string, from: string, seen: Set<string>): boolean {
    const next = this.#about(from);
    if (next.includes(goal) || next.length > mostFollowed || seen.size > mostFollowed) return true;
    const unseen = next.filter((each) => !seen.has(each));
    for (const each of unseen) seen.add(each);
    return unseen.some((each) => this.#leadsTo(goal, each, seen));
  }

  #about(reference: string): readonly string[] {
    const known = this.#followed.get(reference);
    if (known) return known;
    // One more than are followed shows that there are too many.
    const next = referencesAbout(this.#references.find(reference), 0).slice(0, mostFollowed + 1);
    this.#followed.set(reference, next);
    return next;
  }

  #weigh(reference: string): number {
    const known = this.#known.get(reference);
    if (known !== undefined) return known;
    if (this.#weighing.has(reference)) this.#cyclic.add(reference);
    if (this.#weighing.has(reference) || this.#weighing.size >= mostFollowed) return Number.POSITIVE_INFINITY;
    this.#weighing.add(reference);
    const own = this.#weightOf(this.#references.find(reference));
    this.#weighing.delete(reference);
    const weight = this.#cyclic.has(reference) ? Number.POSITIVE_INFINITY : own;
    this.#known.set(reference, weight);
    return weight;
  }

  #weightOf(value: unknown): number {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return 4;
    if (isObject(value) && typeof value.$ref === 'string') {
      const weight = this.#weigh(value.$ref);
      return weight <= mostInlined ? weight : objectWeight;
    }
    let weight = objectWeight;
    for (const [name, member] of Object.entries(value)) weight += name.length + this.#weightOf(member);
    return weight;
  }
}
