import type { IConstruct } from 'constructs';
import { checkImage } from '../core/image-reference';
import { checkPattern, reportFault } from '../core/validation';
import type { SecretDirectory } from './mcp-workload';
import type { IVaultSecret } from './secret-reference';

/** The secrets in Vault that the folders hold. */
export function vaultSecretsOf(directories: readonly SecretDirectory[]): IVaultSecret[] {
  return directories.flatMap(({ files }) => ('vaultSecrets' in files ? Object.values(files.vaultSecrets) : []));
}

/** Reports folders that no host can make. */
export function checkSecretDirectories(scope: IConstruct, directories: readonly SecretDirectory[]): void {
  for (const { path, files } of directories) {
    checkPattern(scope, 'secretDirectories.path', path, {
      pattern: /^\/[^:]*$/,
      allowed: 'absolute paths without colons, such as "/opt/oracle/wallet"',
    });
    if ('secretName' in files) continue;
    checkImage(scope, 'secretDirectories.fetcherImage', files.fetcherImage);
    const names = Object.keys(files.vaultSecrets);
    if (names.length === 0) {
      reportFault(scope, { prop: 'secretDirectories.vaultSecrets', got: {}, allowed: 'at least one file' });
    }
    for (const name of names) {
      checkPattern(scope, 'secretDirectories.vaultSecrets', name, {
        pattern: /^(?!\.\.?$|-)[A-Za-z0-9._-]+$/,
        allowed: 'file names of letters, digits, periods, hyphens and underscores, no hyphen first',
      });
    }
  }
}
