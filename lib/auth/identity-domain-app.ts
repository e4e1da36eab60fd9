import { IdentityDomainsApp } from '@cdktf/provider-oci/lib/identity-domains-app';
import { Annotations } from 'cdktf';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { sameReference } from '../core/references';
import { refuseSecrets } from '../core/secret-literal';
import { checkInteger, checkPattern, describeFault, reportFault } from '../core/validation';
import type { IOAuthClient, IOAuthResource } from '../mcp/oauth';
import type { IdentityDomain } from './identity-domain';
import type {
  IdentityDomainAppAttributes,
  IdentityDomainAppProps,
  IdentityDomainClient,
  IdentityDomainResource,
  IdentityDomainScope,
  OAuthGrant,
} from './identity-domain-app-props';

const displayNameMax = 100;

/** How the domain calls the ways to get a token. */
const grantTypes: { readonly [grant in OAuthGrant]: string } = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  jwt_bearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  refresh_token: 'refresh_token',
};

/** An application of an identity domain, made here or elsewhere. */
export interface IIdentityDomainApp extends IOAuthResource, IOAuthClient {
  readonly domain: IdentityDomain;
  /** `aud` of the tokens that are issued for it. @default - it is a client only */
  readonly audience?: string;
  /** Name under which it asks for tokens. @default - it is a resource only */
  readonly clientId?: string;
  /** The audience, which is reported when there is none. */
  requireAudience(): string;
  /** A scope as clients ask for it: the audience and the name in one word. */
  scope(name: string): string;
}

/**
 * An application of an identity domain: a resource that tokens are issued for, a client that asks for them, or both. The secret
 * of a client that keeps one lands in Terraform's state and is rendered nowhere else; `docs/identity-domains.md` has the ways
 * around it.
 *
 * @example
 * const app = new IdentityDomainApp(this, 'McpApi', { domain, resource: { audience: 'https://mcp.acme.example/' } });
 * const assistant = new IdentityDomainApp(this, 'Assistant', { domain, client: { grants: ['client_credentials'] } });
 * const gateway = new McpGateway(this, 'Gateway', { image, hosting, inboundAuth: InboundAuth.identityDomain(app) });
 * gateway.grantInvoke(assistant, { tools: ['logs_*'] });
 */
export class IdentityDomainApp extends Construct implements IIdentityDomainApp {
  /**
   * An application made by other means: nothing is changed in it. What a client would have to be allowed is told at synth.
   */
  public static fromAttributes(
    scope: Construct,
    id: string,
    attributes: IdentityDomainAppAttributes,
  ): IIdentityDomainApp {
    return new ImportedApp(scope, id, attributes);
  }

  public readonly domain: IdentityDomain;
  public readonly authorizationServer: string;
  public readonly audience?: string;
  public readonly clientId?: string;
  private readonly app: IdentityDomainsApp;
  /** The audience as an attribute: whoever asks for a scope then waits for the application. */
  private readonly audienceOfApp: string;
  private readonly scopes = new Map<string, IdentityDomainScope>();
  private readonly allowed = new Set<string>();

  public constructor(scope: Construct, id: string, props: IdentityDomainAppProps) {
    super(scope, id);
    refuseSecrets(this, props);
    const { domain, resource, client } = props;
    this.domain = domain;
    this.authorizationServer = domain.url;
    this.audience = resource?.audience;
    if (resource === undefined && client === undefined) {
      reportFault(this, { prop: 'resource', got: undefined, allowed: 'a resource, a client, or both' });
    }
    this.app = new IdentityDomainsApp(this, 'Resource', {
      idcsEndpoint: domain.url,
      schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:App'],
      basedOnTemplate: { value: 'CustomWebAppTemplateId' },
      displayName: props.displayName ?? qualifiedNameOf(this, displayNameMax),
      description: props.description ?? this.node.path,
      active: props.active ?? true,
      // Whatever else of the domain points to it must not keep it from being destroyed.
      forceDelete: true,
      isOauthResource: resource !== undefined,
      isOauthClient: client !== undefined,
      ...(resource && this.resourceConfig(resource)),
      ...(client && this.clientConfig(client)),
    });
    this.node.defaultChild = this.app;
    this.audienceOfApp = this.app.audience;
    this.clientId = client && this.app.name;
    for (const each of resource?.scopes ?? []) this.putScope(each);
    for (const each of client?.allowedScopes ?? []) this.allowScope(each);
    this.node.addValidation({ validate: () => [...this.emptyFaults(resource), ...this.sharedFaults()] });
  }

  public requireAudience(): string {
    return this.audience ?? withoutAudience(this);
  }

  public scope(name: string): string {
    this.requireAudience();
    return `${this.audienceOfApp}${name}`;
  }

  public addScope(name: string, description: string): string {
    if (!this.scopes.has(name)) this.putScope({ name, description });
    return this.scope(name);
  }

  public allowScope(scope: string): void {
    if (this.clientId === undefined) {
      reportFault(this, { prop: 'client', got: undefined, allowed: 'a client, as it is to ask for scopes' });
      return;
    }
    // An application that asks for its own scopes cannot wait for itself.
    this.allowed.add(this.audience === undefined ? scope : scope.replace(this.audienceOfApp, this.audience));
    this.app.putAllowedScopes([...this.allowed].sort().map((fqs) => ({ fqs })));
  }

  private putScope(scope: IdentityDomainScope): void {
    checkPattern(this, 'scopes.name', scope.name, scopeNames);
    this.scopes.set(scope.name, scope);
    const sorted = [...this.scopes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.app.putScopes(
      sorted.map(({ name, description = name, requiresConsent = false }) => ({
        value: name,
        description,
        requiresConsent,
      })),
    );
  }

  private resourceConfig({ audience, accessTokenExpirySeconds, refreshTokens = false }: IdentityDomainResource) {
    checkPattern(this, 'resource.audience', audience, { pattern: /^\S+$/, allowed: 'text without spaces' });
    checkInteger(this, 'resource.accessTokenExpirySeconds', accessTokenExpirySeconds, { min: 1 });
    return { audience, accessTokenExpiry: accessTokenExpirySeconds, allowOffline: refreshTokens };
  }

  private clientConfig({ grants, isPublic = false, redirectUris = [] }: IdentityDomainClient) {
    this.checkGrants(grants, isPublic, redirectUris);
    for (const uri of redirectUris) checkPattern(this, 'client.redirectUris', uri, redirects);
    return {
      clientType: isPublic ? 'public' : 'confidential',
      allowedGrants: [...new Set(grants)].map((grant) => grantTypes[grant]).sort(),
      redirectUris: redirectUris.length > 0 ? [...redirectUris] : undefined,
      // The domain takes other schemes than https only from applications that may use any.
      allUrlSchemesAllowed: redirectUris.some((uri) => uri.startsWith('http:')),
      // Otherwise a setting of the domain may let it ask for the scopes of every application.
      trustScope: 'Explicit',
    };
  }

  private checkGrants(grants: readonly OAuthGrant[], isPublic: boolean, redirectUris: readonly string[]): void {
    const report = (got: unknown, allowed: string) => reportFault(this, { prop: 'client.grants', got, allowed });
    const known = Object.keys(grantTypes);
    if (grants.length === 0 || grants.some((grant) => !known.includes(grant))) {
      report(grants, `one or more of ${known.join(', ')}`);
    }
    const needSecret = grants.filter((grant) => grant === 'client_credentials' || grant === 'jwt_bearer');
    if (isPublic && needSecret.length > 0) {
      report(needSecret, 'authorization_code and refresh_token for a public client, which has no secret');
    }
    if (grants.includes('authorization_code') === redirectUris.length > 0) return;
    reportFault(this, {
      prop: 'client.redirectUris',
      got: redirectUris,
      allowed: 'at least one with the grant authorization_code, and none without',
    });
  }

  /** The domain refuses the second application of an audience, long after synth. */
  private sharedFaults(): string[] {
    const isSame = ({ audience, domain }: IdentityDomainApp) =>
      sameReference(this, audience ?? '', this.audience ?? '') && sameReference(this, domain.url, this.domain.url);
    const first = this.node.root.node
      .findAll()
      .find((each) => each instanceof IdentityDomainApp && each.audience !== undefined && isSame(each));
    if (this.audience === undefined || first === undefined || first === this) return [];
    const allowed = `an audience of its own: ${first.node.path} has this one in the same domain`;
    return [describeFault({ prop: 'resource.audience', got: this.audience, allowed })];
  }

  /** Nobody could ask for a token. Scopes may be added until synth. */
  private emptyFaults(resource: IdentityDomainResource | undefined): string[] {
    if (resource === undefined || this.scopes.size > 0) return [];
    const fix = 'name them in resource.scopes, or grant tools with gateway.grantInvoke(client, { tools })';
    return [describeFault({ prop: 'resource.scopes', got: [], allowed: 'at least one scope', fix })];
  }
}

/** RFC 6749 allows more; these are what Oracle's own scopes are made of. */
const scopeNames = { pattern: /^[\w.:/-]+$/, allowed: 'letters, digits and _ . : / -' };

const redirects = {
  pattern: /^(https:\/\/[^\s/#@]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(\/[^\s#]*)?$/,
  allowed: 'https URLs, or http on localhost, without a fragment',
};

function withoutAudience(app: Construct): string {
  reportFault(app, {
    prop: 'audience',
    got: undefined,
    allowed: 'the audience of tokens for it, as it is used as a resource',
    fix: 'pass resource: { audience }, or audience to IdentityDomainApp.fromAttributes',
  });
  return 'reference.invalid';
}

class ImportedApp extends Construct implements IIdentityDomainApp {
  public readonly domain: IdentityDomain;
  public readonly authorizationServer: string;
  public readonly audience?: string;
  public readonly clientId?: string;
  private readonly scopes: readonly string[];

  public constructor(
    scope: Construct,
    id: string,
    { domain, audience, scopes = [], clientId }: IdentityDomainAppAttributes,
  ) {
    super(scope, id);
    this.domain = domain;
    this.authorizationServer = domain.url;
    this.audience = audience;
    this.clientId = clientId;
    this.scopes = scopes;
  }

  public requireAudience(): string {
    return this.audience ?? withoutAudience(this);
  }

  public scope(name: string): string {
    return `${this.requireAudience()}${name}`;
  }

  public addScope(name: string): string {
    if (!this.scopes.includes(name)) {
      reportFault(this, {
        prop: 'scopes',
        got: name,
        allowed: `the scopes that it has: ${this.scopes.join(', ') || 'none'}`,
        fix: 'add the scope to the application in its domain, and to scopes here',
      });
    }
    return this.scope(name);
  }

  public allowScope(scope: string): void {
    const readable = scope.replace(/\$\{TfToken\[[^\]]+\]\}/g, '<audience>');
    Annotations.of(this).addInfo(`allow this client the scope ${readable} in its domain`);
  }
}
