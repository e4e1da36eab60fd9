/** Names of arguments and variables whose value is a secret, whatever it looks like. */
const secretName =
  /(^|[_-])(password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|secret[_-]?key|data[_-]?key|credentials?)$/i;

/** Values that only tell where a secret is. */
const whereabouts = /^(ocid1\.|\/|request\.|https?:\/\/)|^$/;

/** Whether an argument holds a secret: by its name, or because its value looks like one. */
export function looksSecret(name: string, text: string): boolean {
  const literal = text.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '');
  if (literal.trim() === '') return false;
  return secretName.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2')) && !whereabouts.test(text);
}
