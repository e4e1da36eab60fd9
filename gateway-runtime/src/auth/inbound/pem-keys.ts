import { createPublicKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '../../errors.js';
import type { KeySource } from './keys.js';

/**
 * Keys from the configuration: several verify while an issuer goes from one to the next.
 *
 * @param texts One or more blocks of PEM each: public keys, or certificates, of which only the key counts.
 * @param field Where they stand.
 * @throws {ConfigError} when one cannot be used
 */
export function pemKeys(texts: readonly string[], field: string): KeySource {
  const keys = texts.flatMap((text) => keysIn(text, field));
  return { keysFor: async () => keys };
}

function keysIn(text: string, field: string): KeyObject[] {
  if (text.includes('PRIVATE KEY')) {
    throw new ConfigError([{ path: field, message: 'is a private key; only the public key belongs here' }]);
  }
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g);
  try {
    return (blocks ?? [text]).map((block) => createPublicKey(block));
  } catch {
    throw new ConfigError([{ path: field, message: 'is not a PEM public key or certificate that can be read' }]);
  }
}
