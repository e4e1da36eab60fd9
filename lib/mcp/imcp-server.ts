import type { IConstruct } from 'constructs';
import { checkPattern } from '../core/validation';
import type { Grant } from '../iam/grant';
import type { IGrantable } from '../iam/principal';
import type { IConnectable } from '../network/connections';
import type { ServerEndpoint } from './mcp-endpoint';

/** A server that a gateway can put behind its endpoint. */
export interface IMcpServer extends IConstruct, IConnectable {
  /** Name of the backend in the gateway, in front of its tools' names: 1 to 64 letters, digits, `-`, `_` and `.`. */
  readonly serverName: string;
  /** What the server is for, shown to operators. */
  readonly description?: string;
  readonly endpoint: ServerEndpoint;
  /** Permits `grantee` to call this server, where that takes a policy. */
  grantInvoke(grantee: IGrantable): Grant;
}

/** Reports a name that the gateway would not take for a backend. */
export function checkServerName(scope: IConstruct, serverName: string | undefined): void {
  checkPattern(scope, 'serverName', serverName, {
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    allowed: '1 to 64 letters, digits, hyphens, underscores and periods, a letter or digit first',
  });
}
