import type { Revision } from '../scenarios';

/** Something that the specification asks of a gateway: as a server of its clients, or as a client of its backends. */
export interface Clause {
  readonly id: string;
  /** What it asks, in our words. */
  readonly says: string;
  /** Where it stands, one place for each era that asks it: page and heading below `specificationUrl`. */
  readonly links: readonly string[];
  /** Tests and scenarios of the conformance suite that fail when the gateway does not do it. */
  readonly proof: readonly string[];
}

export const specificationUrl = 'https://modelcontextprotocol.io/specification/';

/** A server scenario of the suite, through the gateway. */
export const scenario = (revision: Revision, name: string): string => `server ${revision} ${name}`;

/** A client scenario of the suite, which the gateway is measured with. */
export const clientScenario = (revision: Revision, name: string): string => `client ${revision} ${name}`;

/** Names tests of a file below `test` by their titles. */
export const testsOf =
  (file: string) =>
  (title: string): string =>
    `${file}: ${title}`;
