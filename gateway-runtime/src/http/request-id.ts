import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What may come from outside and stand in the log. OCI's own ids have slashes in them. */
const form = /^[\w.:/-]{1,128}$/;

const header = 'x-request-id';

/**
 * Gives a request its id and tells the client: the one that the client or a proxy chose, that of an OCI API Gateway in front, or
 * a new one.
 * https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaytroubleshooting_topic-opc-request-id_values_do_not_match.htm
 */
export function nameRequest({ headers }: IncomingMessage, response: ServerResponse): string {
  const given = [headers[header], headers['opc-request-id']].find((id) => typeof id === 'string' && form.test(id));
  const id = typeof given === 'string' ? given : randomUUID();
  response.setHeader(header, id);
  return id;
}

/** The id of the request that this answers; `undefined` where requests have none. */
export function requestIdOf(response: ServerResponse): string | undefined {
  return response.getHeader(header) as string | undefined;
}
