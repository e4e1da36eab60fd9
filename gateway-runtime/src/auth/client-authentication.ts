/**
 * How an OAuth client names itself by HTTP Basic: id and secret are encoded before they are joined.
 * https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function basicAuthorization(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64')}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
