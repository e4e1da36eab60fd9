import { isObject, type JsonObject } from '../../contracts/json-rpc.js';
import { resolved } from './pointer.js';

/** Schemas that one tool may consist of when its references are followed: backends write them, and few words can stand for much. */
const most = 5000;

/** Levels of a schema; inside references there may be any number. */
const deepest = 100;

/** Things that are said of one tool at most. */
const mostNotes = 20;

/** A schema that cannot be put into another form with reasonable effort. */
export class SchemaTooLargeError extends Error {
  constructor() {
    super(`its schema is one of more than ${most} parts or ${deepest} levels`);
    this.name = 'SchemaTooLargeError';
  }
}

/** What goes on while the schema of one tool is put into another form: what it lost, and how much work it was. */
export class Translation {
  readonly #notes = new Set<string>();
  #parts = 0;

  /** @param root The whole schema, in which references point. */
  constructor(readonly root: JsonObject) {}

  /** What was lost, in the order in which it was found: `properties.when: "format" is left out`. */
  get notes(): readonly string[] {
    const notes = [...this.#notes];
    const more = notes.length - mostNotes;
    return more > 0 ? [...notes.slice(0, mostNotes), `and ${more} more`] : notes;
  }

  /** Takes down what a schema lost. @param place Where it is, such as `properties.when`; empty for the whole schema */
  note(place: string, what: string): void {
    this.#notes.add(place === '' ? what : `${place.slice(0, 200)}: ${what}`);
  }

  /** Takes down members that have no equal. */
  leaveOut(place: string, schema: JsonObject, members: readonly string[]): void {
    for (const member of members) if (member in schema) this.note(place, `"${member}" is left out`);
  }

  /** Counts one more part. @throws {SchemaTooLargeError} */
  count(level: number): void {
    this.#parts++;
    if (this.#parts > most || level > deepest) throw new SchemaTooLargeError();
  }

  /**
   * What a reference means; `undefined`, and noted, for one that points out of the schema: whoever read such a document would
   * fetch what a backend names.
   */
  find(place: string, reference: unknown): JsonObject | boolean | undefined {
    const found = typeof reference === 'string' ? resolved(this.root, reference) : undefined;
    if (isObject(found) || typeof found === 'boolean') return found;
    this.note(place, 'a reference that leads nowhere in the schema is left out');
    return undefined;
  }
}
