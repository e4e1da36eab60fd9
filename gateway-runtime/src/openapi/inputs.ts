import type { JsonObject } from '../contracts/json-rpc.js';
import type { Operation, Parameter } from './operation.js';
import type { IsSettled } from './settled.js';

/** What every client and model accepts as the name of an argument. */
const longestName = 64;

/** An argument of a tool: a parameter of its operation, or its body. */
export type Input =
  | { readonly argument: string; readonly parameter: Parameter }
  | { readonly argument: string; readonly parameter?: undefined };

/** The arguments of a tool, each with a name of its own; what is settled is nobody's to give. */
export function inputsOf({ parameters, body }: Operation, isSettled: IsSettled): Input[] {
  const taken = new Set<string>();
  const give = (wish: string): string => {
    const name = wish.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, longestName) || 'value';
    let unique = name;
    for (let number = 2; taken.has(unique); number++) unique = `${name.slice(0, longestName - 4)}_${number}`;
    taken.add(unique);
    return unique;
  };
  const asked = parameters.filter(({ place, name }) => !isSettled(place, name));
  const counts = new Map<string, number>();
  const wishes = [...asked.map(({ name }) => name), ...(body ? ['body'] : [])];
  for (const name of wishes) counts.set(name, (counts.get(name) ?? 0) + 1);
  const inputs: Input[] = [];
  // The body has its name, and a parameter of the path, which the operation cannot do without.
  if (body) inputs.push({ argument: give('body') });
  for (const parameter of asked) {
    const { name, place } = parameter;
    const isAlone = counts.get(name) === 1 || (place === 'path' && name !== 'body');
    inputs.push({ argument: give(isAlone ? name : `${place}_${name}`), parameter });
  }
  return inputs;
}

/** The argument that has this name; the name may be that of anything. */
export function argumentOf(values: JsonObject, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
