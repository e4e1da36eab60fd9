import { isSecretFile } from '../../../lib/core/secret-file';

test.each([
  '.env',
  '.env.production',
  'config/.ENV',
  'tls/server.key',
  'ca.pem',
  'wallet/cwallet.sso',
  'wallet/ewallet.p12',
  'Wallet_DB.zip',
  'truststore.jks',
  'id_ed25519',
  '.npmrc',
  '.oci/config',
  'home/.docker/config.json',
])('%s holds a secret', (path) => {
  expect(isSecretFile(path)).toBe(true);
});

test.each(['.env.example', 'server.py', 'keys.py', 'pem.txt', 'environment.ts', 'wallet/tnsnames.ora', 'oci/config'])(
  '%s holds none',
  (path) => {
    expect(isSecretFile(path)).toBe(false);
  },
);
