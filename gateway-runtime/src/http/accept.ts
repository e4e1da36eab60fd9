import type { IncomingMessage } from 'node:http';

/** What clients of MCP say by the specification. */
const usual = 'application/json, text/event-stream';

/** Whether a client takes answers of this type. One that does not say takes everything. */
export function accepts({ headers: { accept } }: IncomingMessage, type: string): boolean {
  if (accept === undefined || (accept === usual && usual.includes(type))) return true;
  const [group] = type.split('/');
  return accept
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';')[0]?.trim())
    .some((range) => range === type || range === '*/*' || range === `${group}/*`);
}
