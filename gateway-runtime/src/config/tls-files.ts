import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { ConfigFault } from '../errors.js';
import type { TlsConfig } from './tls.js';

/** What the files of `tls` hold. */
export type TlsContent = Required<Pick<SecureContextOptions, 'cert' | 'key'>> & Pick<SecureContextOptions, 'ca'>;

/**
 * Reads the files of `tls` as they are now.
 *
 * @throws when one cannot be read, or the key is not that of the certificate
 */
export function readTlsFiles({ cert_file, key_file, client_ca_file }: TlsConfig): TlsContent {
  const content = {
    cert: readFileSync(cert_file, 'utf8'),
    key: readFileSync(key_file, 'utf8'),
    ...(client_ca_file && { ca: readFileSync(client_ca_file, 'utf8') }),
  };
  createSecureContext(content);
  return content;
}

/** What keeps the files of `tls` from being used. */
export function tlsFaults(tls: TlsConfig): ConfigFault[] {
  const files = (['cert_file', 'key_file', 'client_ca_file'] as const).flatMap((field) => {
    const file = tls[field];
    if (!file) return [];
    try {
      if (statSync(file).isFile()) {
        readFileSync(file);
        return [];
      }
      return [{ path: `tls.${field}`, message: `${file} is not a file` }];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
      return [{ path: `tls.${field}`, message: `file ${file} ${reason}` }];
    }
  });
  if (files.length > 0) return files;
  try {
    readTlsFiles(tls);
    return [];
  } catch {
    return [
      { path: 'tls', message: 'these files are not a PEM certificate and its private key, without a passphrase' },
    ];
  }
}
