const texts = '"(?:[^"\\\\\\n]|\\\\.)*"';
const comments = new RegExp(`${texts}|//.*|/\\*[^]*?(?:\\*/|$)`, 'g');
const trailingCommas = new RegExp(`${texts}|,(?=\\s*[}\\]])`, 'g');

/** JSON as editors allow it, without its comments and trailing commas; everything else stays where it was. */
export function toPlainJson(text: string): string {
  return text.replace(comments, blank).replace(trailingCommas, blank);
}

function blank(found: string): string {
  return found.startsWith('"') ? found : found.replace(/[^\n]/g, ' ');
}
