import type { Construct } from 'constructs';
import { checkPattern, reportFault } from '../../core/validation';
import { type IOutboundAuth, OutboundAuth } from '../../mcp/outbound-auth';
import type { SecretReference } from '../../mcp/secret-reference';

/** The OAuth client with which a gateway gets its tokens. */
export interface HostedApplicationClient {
  readonly clientId: string;
  readonly clientSecret: SecretReference;
  /** Scopes to ask for. @default - the audience and the scope of the application in one word, as identity domains want it */
  readonly scopes?: readonly string[];
  /** Token endpoint. May be a reference. @default - `/oauth2/v1/token` of the domain */
  readonly tokenUrl?: string;
}

/** Tokens of an identity domain. */
export interface IdentityDomainAuthProps {
  /**
   * URL of the domain: `https://idcs-….identity.oraclecloud.com`. May be a reference. A domain of the type "Light weight" has
   * no OAuth clients.
   */
  readonly domainUrl: string;
  /** The `aud` that tokens must have, the primary audience of the resource application. May be a reference. */
  readonly audience: string;
  /** The scope that tokens must have. May be a reference. */
  readonly scope: string;
  /** How a gateway gets its token. @default - none: no gateway calls this application */
  readonly client?: HostedApplicationClient;
}

/** How callers prove themselves to a hosted application, which the service checks before the container sees a request. */
export type HostedApplicationAuth =
  | ({ readonly kind: 'identityDomain' } & IdentityDomainAuthProps)
  | { readonly kind: 'ociSignature' };

/** The ways to say how callers of a hosted application prove themselves. */
export const HostedApplicationAuth = {
  /**
   * Access tokens of an identity domain, for clients that cannot sign requests.
   * @see https://docs.oracle.com/en-us/iaas/Content/generative-ai/invoke-app.htm
   */
  identityDomain(props: IdentityDomainAuthProps): HostedApplicationAuth {
    return { kind: 'identityDomain', ...props };
  },

  /**
   * Requests signed with an OCI identity, which a gateway has without any secret.
   * @see https://docs.oracle.com/en-us/iaas/Content/generative-ai/use-applications.htm
   */
  ociSignature(): HostedApplicationAuth {
    return { kind: 'ociSignature' };
  },
};

/** How a gateway proves itself to the application. A gateway that has no client is told when it is given the server. */
export function outboundAuthOf(scope: Construct, auth: HostedApplicationAuth): IOutboundAuth {
  if (auth.kind === 'ociSignature') return OutboundAuth.ociSignature();
  const { client, domainUrl, audience, scope: applicationScope } = auth;
  if (client === undefined) return withoutClient(scope);
  return OutboundAuth.oauthClientCredentials({
    tokenUrl: client.tokenUrl ?? `${domainUrl}/oauth2/v1/token`,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    scopes: client.scopes ?? [`${audience}${applicationScope}`],
  });
}

function withoutClient(scope: Construct): IOutboundAuth {
  return {
    renderConfig: () => {
      reportFault(scope, {
        prop: 'auth.client',
        got: undefined,
        allowed: 'an OAuth client where a gateway calls the application',
        fix: 'pass client to HostedApplicationAuth.identityDomain(…), or use HostedApplicationAuth.ociSignature()',
      });
      return { auth_method: 'none' };
    },
  };
}

export function checkHostedApplicationAuth(scope: Construct, auth: HostedApplicationAuth): void {
  if (auth.kind === 'ociSignature') return;
  checkPattern(scope, 'auth.domainUrl', auth.domainUrl, {
    pattern: /^https:\/\/[^\s/?#@]+$/,
    allowed: 'the URL of an identity domain without a path, such as "https://idcs-….identity.oraclecloud.com"',
  });
  for (const prop of ['audience', 'scope'] as const) {
    checkPattern(scope, `auth.${prop}`, auth[prop], { pattern: /^\S+$/, allowed: 'text without spaces' });
  }
}
