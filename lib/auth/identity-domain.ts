import { DataOciIdentityDomain } from '@cdktf/provider-oci/lib/data-oci-identity-domain';
import { DataOciIdentityDomainsSetting } from '@cdktf/provider-oci/lib/data-oci-identity-domains-setting';
import { IdentityDomainsSetting } from '@cdktf/provider-oci/lib/identity-domains-setting';
import { Construct } from 'constructs';
import { checkPattern } from '../core/validation';

/**
 * The issuer of every identity domain of every tenancy. Oracle's pages print it both ways.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingjwttokens-identityprovider.htm
 */
const sharedIssuers = ['https://identity.oraclecloud.com/', 'https://identity.oraclecloud.com'];

/** What a domain's settings are called: there is one of them. */
const settingId = 'Settings';

export interface IdentityDomainOptions {
  /** `iss` of the domain's tokens. @default - the issuer that all domains share, with and without a slash at the end */
  readonly issuers?: readonly string[];
}

/**
 * An identity domain that exists already: where its tokens come from, and how they are verified. The type "Lightweight" has no
 * OAuth applications.
 *
 * @example
 * const domain = IdentityDomain.fromUrl(this, 'Domain', 'https://idcs-0f3a….identity.oraclecloud.com');
 */
export class IdentityDomain extends Construct {
  /** @param url URL of the domain, as its overview in the console shows it. May be a reference. */
  public static fromUrl(scope: Construct, id: string, url: string, options?: IdentityDomainOptions): IdentityDomain {
    const domain = new IdentityDomain(scope, id, () => url.replace(/\/$/, ''), options);
    checkPattern(domain, 'url', url, {
      pattern: /^https:\/\/[^\s/?#@]+\/?$/,
      allowed: 'the URL of an identity domain without a path, such as "https://idcs-….identity.oraclecloud.com"',
    });
    return domain;
  }

  /** @param domainId OCID of the domain, which is looked up. */
  public static fromDomainId(
    scope: Construct,
    id: string,
    domainId: string,
    options?: IdentityDomainOptions,
  ): IdentityDomain {
    const urlOf = (domain: Construct) => new DataOciIdentityDomain(domain, 'Lookup', { domainId }).url;
    return new IdentityDomain(scope, id, urlOf, options);
  }

  public readonly url: string;
  /** `iss` of its tokens, in every spelling. */
  public readonly issuers: readonly string[];
  /** Where its public keys are. Without {@link IdentityDomain.publishSigningKeys} they may need a login. */
  public readonly jwksUri: string;
  /** Where clients get tokens. */
  public readonly tokenUrl: string;
  /** Where users let a client act for them. */
  public readonly authorizeUrl: string;

  private constructor(
    scope: Construct,
    id: string,
    urlOf: (domain: Construct) => string,
    { issuers = sharedIssuers }: IdentityDomainOptions = {},
  ) {
    super(scope, id);
    this.url = urlOf(this);
    this.issuers = issuers;
    this.jwksUri = `${this.url}/admin/v1/SigningCert/jwk`;
    this.tokenUrl = `${this.url}/oauth2/v1/token`;
    this.authorizeUrl = `${this.url}/oauth2/v1/authorize`;
  }

  /**
   * Lets everybody read the domain's public keys, without which no gateway can verify its tokens. It is a setting of the whole
   * domain, whose settings Terraform can only replace all at once: it reads them first and sends them back with this one
   * changed, and leaves them as they are when it is destroyed. Not needed where the console says so already (Settings,
   * "Configure client access"), which is the surer way. The URL has to be known when Terraform plans.
   * @see https://registry.terraform.io/providers/oracle/oci/latest/docs/resources/identity_domains_setting
   */
  public publishSigningKeys(): void {
    if (this.node.tryFindChild('Setting') !== undefined) return;
    const current = new DataOciIdentityDomainsSetting(this, 'Current', { idcsEndpoint: this.url, settingId });
    const setting = new IdentityDomainsSetting(this, 'Setting', {
      idcsEndpoint: this.url,
      settingId,
      schemas: ['urn:ietf:params:scim:schemas:oracle:idcs:Settings'],
      csrAccess: current.csrAccess,
      signingCertPublicAccess: true,
      // An import leaves this empty, and for that Terraform would make the settings anew: as these few, without the others.
      lifecycle: { ignoreChanges: ['setting_id'] },
    });
    setting.importFrom(`idcsEndpoint/${this.url}/settings/${settingId}`);
  }
}
