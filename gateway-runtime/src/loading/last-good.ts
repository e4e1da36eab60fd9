import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../contracts/json-rpc.js';
import type { ConfigFault } from '../errors.js';
import type { BackendFile, FoundFiles } from './backend-files.js';
import type { BaseFile } from './sources.js';

/** What a configuration is made of: each file as it is, or as it last could be used. */
export interface Selection {
  readonly base: BaseFile;
  readonly files: readonly BackendFile[];
}

/** A selection, and what is wrong with files that were not taken as they are. */
export interface Selected extends Selection {
  readonly faults: readonly ConfigFault[];
}

/** Takes each file that could be read as it is, and the others as they last were used. */
export function readable(base: BaseFile, places: readonly FoundFiles[], good: Selection): Selected {
  const kept = (file: BackendFile) => good.files.filter(({ name }) => name === file.name);
  const files = places.flatMap(({ place, files, faults }) => {
    // What a directory holds is not gone, because it cannot be looked into at the moment.
    if (faults.length > 0) return good.files.filter((file) => file.place === place);
    return files.flatMap((file) => (file.faults.length > 0 ? kept(file) : [file]));
  });
  const faults = [base, ...places.flatMap((place) => [place, ...place.files])].flatMap((source) => source.faults);
  return { base: base.faults.length > 0 ? good.base : base, files, faults };
}

/**
 * Leaves each name to the file that had it, and of new files to the first. A file that names a backend like another file is
 * taken as it last was used.
 */
export function withoutRivals({ base, files, faults }: Selected, good: Selection): Selected {
  const rivals: ConfigFault[] = [];
  let selected = { base, files };
  for (;;) {
    const rival = rivalIn(selected, good);
    if (!rival) return { ...selected, faults: [...faults, ...rivals] };
    rivals.push(rival.fault);
    selected = withoutFile(selected, rival.name, good);
  }
}

/** The selection with one file as it last was used, or without it when it never was. */
export function withoutFile({ base, files }: Selection, name: string, good: Selection): Selection {
  const kept = good.files.filter((file) => file.name === name);
  return {
    base: base.name === name ? good.base : base,
    files: files.flatMap((file) => (file.name === name ? kept : [file])),
  };
}

/** Names of all backends in files. */
export function namesIn(base: BaseFile, files: readonly BackendFile[]): string[] {
  return [
    ...namesOf(base.content.backends),
    ...files.flatMap(({ backends }) => namesOf(backends.map((each) => each.backend))),
  ];
}

/** The first file that uses a name of another one. */
function rivalIn(selected: Selection, good: Selection): { name: string; fault: ConfigFault } | undefined {
  const all = [
    { name: selected.base.name, names: namesOf(selected.base.content.backends), isKept: isKept(selected.base, good) },
    ...selected.files.map((file) => ({
      name: file.name,
      names: namesOf(file.backends.map(({ backend }) => backend)),
      isKept: isKept(file, good),
    })),
  ];
  const owners = new Map<string, string>();
  for (const { name, names, isKept } of [...all.filter((each) => each.isKept), ...all.filter((each) => !each.isKept)]) {
    for (const taken of names) {
      const owner = owners.get(taken);
      if (owner !== undefined && owner !== name && !isKept) {
        return { name, fault: { path: name, message: `"${taken}" is already the name of a backend in ${owner}` } };
      }
      owners.set(taken, name);
    }
  }
  return undefined;
}

/** Whether a file is used already as it is. */
function isKept(file: BaseFile | BackendFile, { base, files }: Selection): boolean {
  if ('content' in file) return isDeepStrictEqual(file.content, base.content);
  return files.some(({ name, backends }) => name === file.name && isDeepStrictEqual(file.backends, backends));
}

function namesOf(backends: unknown): string[] {
  const all = Array.isArray(backends) ? backends : [];
  return all.flatMap((backend) => (isObject(backend) && typeof backend.name === 'string' ? [backend.name] : []));
}
