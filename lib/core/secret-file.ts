/** Names of files that hold keys, passwords or wallets, in whatever folder they lie. */
const secretNames = [
  /^\.env(\..+)?$/,
  /\.(pem|key|p12|pfx|jks|keystore|sso)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)$/,
  /^wallet.*\.zip$/,
  /^\.(npmrc|pypirc|netrc|git-credentials)$/,
  /^\.?kubeconfig$/,
];

/** Templates that people keep beside the file that holds the values. */
const harmless = /^\.env\.(example|sample|template|dist)$/;

/** Folders in which tools keep credentials. */
const secretFolders = ['.oci', '.ssh', '.docker', '.kube', '.aws'];

/** Whether a file most likely holds a secret, going by its name and its folders. */
export function isSecretFile(path: string): boolean {
  const folders = path.toLowerCase().split('/');
  const name = folders.pop() ?? '';
  if (folders.some((folder) => secretFolders.includes(folder))) return true;
  return !harmless.test(name) && secretNames.some((pattern) => pattern.test(name));
}
