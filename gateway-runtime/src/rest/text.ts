/** A text of at most so many characters. One that is cut ends with "…". */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not between the halves of one character.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
