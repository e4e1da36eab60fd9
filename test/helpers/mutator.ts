/** Values that programs stumble over. */
const odd: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  -0,
  0.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e308,
  5e-324,
  '',
  ' ',
  '0',
  'null',
  '\u0000',
  '\ud800',
  '\u2028',
  '\r\n',
  '../..',
  '%00',
  '${x}',
  '__proto__',
  'constructor',
  'toString',
  [],
  [[]],
  {},
  { length: 1e9 },
  [null],
  { toString: 1 },
  'x'.repeat(5000),
  Array(200).fill(0),
  'ä😀',
];

const oddNames = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'then',
  'toJSON',
  '',
  ' ',
  'x',
  '\u0000',
  '0',
  'ID',
  '$ref',
];

/** Changes of a JSON text after which it may be no JSON any more. */
const textual: readonly ((text: string, random: Random) => string)[] = [
  (text, random) => text.slice(0, random.below(text.length + 1)),
  (text, random) => splice(text, random, ''),
  (text, random) =>
    splice(
      text,
      random,
      random.pick(['NaN', 'Infinity', '1e400', '-', ',', '{', '}', '[', '"', '\\u', '\\ud800', '\u0000']),
    ),
  (text) => text.replace('{', '{"id":1,"id":"2","__proto__":{"x":1},'),
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text) => text.replace(/"id":\d+/, '"id":123456789012345678901234567890'),
  (text, random) => `${'['.repeat(random.pick([10, 1000, 20_000]))}${text}`,
];

function splice(text: string, random: Random, insert: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + insert + text.slice(at + random.below(8));
}

/** Numbers that look random and are the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0, below the bound. https://en.wikipedia.org/wiki/Xorshift */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** A copy of some JSON with a few members changed, added or taken away. */
export function mutate(value: unknown, random: Random): unknown {
  const copy = { root: structuredClone(value) };
  for (let changes = 1 + random.below(3); changes > 0; changes--) change(copy, random);
  return copy.root;
}

/** The same as a text that may be no JSON any more. */
export function mutateText(value: unknown, random: Random): string {
  const text = JSON.stringify(random.below(4) === 0 ? value : mutate(value, random)) ?? '';
  return random.below(3) === 0 ? random.pick(textual)(text, random) : text;
}

function change(root: object, random: Random): void {
  let holder = root as Record<string, unknown>;
  let name = 'root';
  // Down from the root, and somewhere not further.
  for (let value = holder[name]; isHolder(value) && random.below(5) > 0; value = holder[name]) {
    const names = Object.keys(value);
    if (names.length === 0) break;
    holder = value as Record<string, unknown>;
    name = random.pick(names);
  }
  const value = holder[name];
  const set = (changed: unknown) => {
    holder[name] = changed;
  };
  const kinds = [
    () => set(structuredClone(random.pick(odd))),
    () => holder !== root && Reflect.deleteProperty(holder, name),
    () => set([value]),
    () => set({ [random.pick(oddNames)]: value }),
    () => set(nested(value, random.pick([2, 20, 200]))),
    () => define(isHolder(value) ? value : holder, random.pick(oddNames), structuredClone(random.pick(odd))),
    () => typeof value === 'string' && set(splice(value, random, random.pick(['', '\u0000', '/', 'é']))),
    () => Array.isArray(value) && value.push(...structuredClone(value)),
  ];
  random.pick(kinds)();
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function nested(value: unknown, depth: number): unknown {
  let within = value;
  for (let n = 0; n < depth; n++) within = [within];
  return within;
}

/** Unlike an assignment, this makes `__proto__` a member. */
function define(holder: object, name: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value);
  else Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}
