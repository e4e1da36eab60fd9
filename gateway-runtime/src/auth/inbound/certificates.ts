import type { AuthConfig } from '../../config/auth.js';
import type { ClientCertificate, Identity } from '../../contracts/identity.js';
import { isObject } from '../../contracts/json-rpc.js';
import { UnauthorizedError } from '../../errors.js';

/** Key of the caller whose certificate has this name. */
export function certificateKeyOf(name: string): string {
  return `certificate ${name}`;
}

/** Who a certificate stands for that comes without a token. */
export function certificateClients(clients: AuthConfig['client_certificates']) {
  const known = new Map(
    Object.entries(clients).map(([name, { client_id, scopes }]): [string, Identity] => [
      name,
      { key: certificateKeyOf(name), clientId: client_id, scopes: new Set(scopes) },
    ]),
  );
  return ({ names }: ClientCertificate): Identity | undefined => {
    const name = names.find((candidate) => known.has(candidate));
    return name === undefined ? undefined : known.get(name);
  };
}

/**
 * A token can be bound to a key, so that it is of no use to whoever steals it. One that is bound to something else than the
 * certificate at hand is refused: taking it as a token of anybody would undo the binding.
 * https://www.rfc-editor.org/rfc/rfc8705#section-3
 *
 * @throws {UnauthorizedError}
 */
export function checkBinding({ claims }: Identity, certificate: ClientCertificate | undefined): void {
  const confirmation = claims?.cnf;
  if (confirmation === undefined) return;
  const { 'x5t#S256': thumbprint, ...others } = isObject(confirmation) ? confirmation : { other: true };
  if (Object.keys(others).length > 0 || thumbprint === undefined) {
    throw new UnauthorizedError('the token is bound to a key in a way that is not supported');
  }
  if (thumbprint !== certificate?.thumbprint) {
    throw new UnauthorizedError('the token is bound to another client certificate');
  }
}
