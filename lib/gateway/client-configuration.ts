import { TerraformOutput, Token } from 'cdktf';
import { Construct } from 'constructs';
import {
  type ClientAuth,
  type ClientName,
  type ClientTarget,
  clientConfiguration,
  clientNames,
} from 'oci-mcp-gateway/clients';
import { reportFault } from '../core/validation';
import type { IInboundAuth } from '../mcp/inbound-auth';
import type { McpGateway } from './mcp-gateway';

/** What to know of a {@link ClientConfiguration}. */
export interface ClientConfigurationProps {
  readonly gateway: McpGateway;
  /** URL that clients use: that of an edge, or of a view. @default - the gateway's own endpoint */
  readonly url?: string;
  /** What clients call the gateway: a letter, then at most 63 letters, digits, `-` and `_`. @default 'oci' */
  readonly clientName?: string;
  /** Clients to tell of. @default - every one that is known */
  readonly clients?: readonly ClientName[];
  /** How clients prove who their users are. @default - as the gateway's inbound auth says */
  readonly auth?: ClientAuth;
}

const nameForm = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/**
 * What AI clients have to be told to use a gateway, as an output of the stack: files to write and commands to run, by the
 * client's name. No token is in it.
 *
 * @example
 * new ClientConfiguration(this, 'Clients', { gateway, url: edge.url, clients: ['cursor', 'claude-code'] });
 * // terraform output -json → { name: 'oci', url: 'https://…/mcp', auth: 'oauth', clients: { cursor: '{ "mcpServers": …' } }
 */
export class ClientConfiguration extends Construct {
  /** The gateway as clients find it. */
  public readonly target: ClientTarget;

  public constructor(scope: Construct, id: string, props: ClientConfigurationProps) {
    super(scope, id);
    const { gateway, clientName: name = 'oci', clients = clientNames } = props;
    if (!nameForm.test(name)) {
      reportFault(this, {
        prop: 'clientName',
        got: name,
        allowed: 'a letter, then at most 63 letters, digits, "-" and "_"',
      });
    }
    const unknown = clients.filter((client) => !clientNames.includes(client));
    for (const got of unknown) reportFault(this, { prop: 'clients', got, allowed: clientNames.join(', ') });
    const url = props.url ?? gateway.endpoint.url;
    this.target = { name, url, auth: props.auth ?? authOf(gateway.inboundAuth) };
    const told = clients.filter((client) => !unknown.includes(client));
    new TerraformOutput(this, 'Output', {
      description: 'What AI clients have to be told to use the gateway',
      value: {
        ...this.target,
        clients: Object.fromEntries(told.map((client) => [client, literal(textFor(client, this.target))])),
      },
    });
  }
}

/** The first that is no link: an address which is not known yet cannot be encoded. */
function textFor(client: ClientName, target: ClientTarget): string {
  const { snippets } = clientConfiguration(client, target);
  return snippets.find(({ language }) => language !== 'uri')?.text ?? '';
}

/** Variables of clients look as Terraform's do. */
function literal(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, '$$$${');
}

/** Clients log in by themselves where the gateway has an issuer to send them to, and a URL that it is known by. */
function authOf(auth: IInboundAuth): ClientAuth {
  if (auth.anonymous) return 'none';
  const { jwt_issuer, issuers, authorization_servers } = auth.renderConfig(() => '');
  const hasIssuer = [jwt_issuer, issuers, authorization_servers].some(
    (each) => each !== undefined && each?.length !== 0,
  );
  return hasIssuer || Token.isUnresolved(jwt_issuer) ? 'oauth' : 'token';
}
