import type { OpenApiBackend } from '../config/backend.js';
import { UpstreamError } from '../errors.js';
import type { Catalogue } from './catalogue.js';

/** How many times as long as reading a document took, no other one of the same backend is read: nothing else is done meanwhile. */
const restFactor = 10;

/** What became of the document of a backend. */
interface Outcome {
  readonly bytes: Buffer;
  readonly result: { readonly catalogue: Catalogue } | { readonly error: unknown };
  /** Milliseconds since the epoch before which no other one is read. */
  readonly restsUntil: number;
}

/** Reads documents, each once however often a backend is connected to. */
export class Catalogues {
  readonly #outcomes = new WeakMap<OpenApiBackend, Outcome>();

  /** @throws {UpstreamError} when it cannot be used, or not yet */
  async read(bytes: Buffer, backend: OpenApiBackend): Promise<Catalogue> {
    const before = this.#outcomes.get(backend);
    const isSame = before?.bytes.equals(bytes) === true;
    if (!isSame && before && Date.now() < before.restsUntil) {
      throw new UpstreamError('has a document that changes faster than it can be read');
    }
    const { result } = isSame && before ? before : await this.#readNew(bytes, backend);
    if ('error' in result) throw result.error;
    return result.catalogue;
  }

  async #readNew(bytes: Buffer, backend: OpenApiBackend): Promise<Outcome> {
    // Only who has such a backend waits for what reads documents.
    const { catalogueOf } = await import('./catalogue.js');
    const begun = performance.now();
    const result = attempt(() => catalogueOf(bytes, backend));
    const restsUntil = Date.now() + restFactor * (performance.now() - begun);
    const outcome = { bytes, result, restsUntil };
    this.#outcomes.set(backend, outcome);
    return outcome;
  }
}

function attempt(read: () => Catalogue): Outcome['result'] {
  try {
    return { catalogue: read() };
  } catch (error) {
    return { error };
  }
}
