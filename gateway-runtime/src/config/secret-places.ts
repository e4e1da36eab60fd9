/** The fields that can say where a secret is: its value, a variable, a file, a secret in Vault. */
export function placesOf<T extends string>(secret: T) {
  return [secret, `${secret}_env`, `${secret}_file`, `${secret}_secret_id`] as const;
}

/** What is to be set where nothing is: the value itself comes last. */
export function choiceOfPlaces(secret: string): string {
  return `${placesOf(secret).slice(1).join(', ')} or ${secret}`;
}

/** What is wrong with a second place. */
export function isSetToo(first: string): string {
  return `${first} is set too; keep one of them`;
}
