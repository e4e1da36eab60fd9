import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** Names of members whose values are secret wherever they stand: in `apiKey` and `X_SECRET_2`, too. */
const secretNames = [
  'password',
  'passwd',
  'passphrase',
  'token',
  'secret',
  'key',
  'authorization',
  'credential',
  'private',
  'cookie',
];

const hidden = '[redacted]';

/** Stands for what was left out. */
const cut = '[cut]';

const most = {
  /** Characters of a text or a name. */
  text: 256,
  /** Bytes of the whole, less what the marks for left out parts need. */
  bytes: 3500,
  /** Levels of nesting. */
  depth: 16,
};

/** A copy of arguments for the audit log: without the values of members with secret names, and at most 4 kB long. */
export function redacted(given: JsonObject, alsoSecret: readonly string[]): JsonObject {
  const names = [...secretNames, ...alsoSecret.map((name) => name.toLowerCase())];
  const isSecret = (name: string) => names.some((secret) => name.toLowerCase().includes(secret));
  let left = most.bytes;

  const spend = (text: string): boolean => {
    left -= Buffer.byteLength(text) + 2;
    return left >= 0;
  };
  const copyText = (text: string): string => {
    const short = shortened(text);
    return spend(JSON.stringify(short)) ? short : cut;
  };
  const copyList = (list: readonly unknown[], depth: number): unknown[] => {
    const copies: unknown[] = [];
    for (const value of list) {
      if (left <= 0) return [...copies, cut];
      copies.push(copy(value, depth));
    }
    return copies;
  };
  const copyObject = (object: JsonObject, depth: number): JsonObject => {
    const copies: [string, unknown][] = [];
    for (const name in object) {
      const short = shortened(name);
      if (left <= 0 || !spend(JSON.stringify(short))) return Object.fromEntries([...copies, [cut, cut]]);
      copies.push([short, isSecret(name) ? copyText(hidden) : copy(object[name], depth)]);
    }
    return Object.fromEntries(copies);
  };
  const copy = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return copyText(value);
    const isNested = typeof value === 'object' && value !== null;
    if (!isNested) return spend(String(value)) ? value : cut;
    if (depth === most.depth || !spend('')) return cut;
    return isObject(value) ? copyObject(value, depth + 1) : copyList(value as unknown[], depth + 1);
  };
  return copyObject(given, 0);
}

function shortened(text: string): string {
  return text.length > most.text ? `${text.slice(0, most.text - 1)}…` : text;
}
