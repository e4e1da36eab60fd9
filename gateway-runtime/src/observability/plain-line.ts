/** Characters that JSON leaves as they are, and that end a line or steer a terminal for some who read it. */
const steering = /[\u007f-\u009f\u2028\u2029]/;

/** The same JSON, of which nothing can look like another line. */
export function plainLine(json: string): string {
  if (!steering.test(json)) return json;
  return json.replace(
    new RegExp(steering, 'g'),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
