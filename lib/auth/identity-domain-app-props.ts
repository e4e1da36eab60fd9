import type { IdentityDomain } from './identity-domain';

/** One thing that tokens can allow. */
export interface IdentityDomainScope {
  /** As tokens carry it: letters, digits and `_ . : / -`. */
  readonly name: string;
  /** What users are told when they are asked for consent. @default - the name */
  readonly description?: string;
  /** Whether a user has to agree before a client gets it. @default false */
  readonly requiresConsent?: boolean;
}

/** What an application offers to others. */
export interface IdentityDomainResource {
  /**
   * The `aud` of tokens for it, unique in the domain. Clients put it in front of a scope without anything between, so a URL
   * should end in a slash: `https://mcp.acme.example/`.
   */
  readonly audience: string;
  /** What tokens can allow. @default - what is added by inbound auth and grants */
  readonly scopes?: readonly IdentityDomainScope[];
  /** Seconds until a token expires: for as long, it outlives the grant it stands for. @default - the domain's, an hour */
  readonly accessTokenExpirySeconds?: number;
  /** Whether clients may have refresh tokens. @default false */
  readonly refreshTokens?: boolean;
}

/** A way to get a token: `jwt_bearer` is the assertion of RFC 7523. */
export type OAuthGrant = 'authorization_code' | 'client_credentials' | 'jwt_bearer' | 'refresh_token';

/** What an application may ask for. */
export interface IdentityDomainClient {
  /** Ways to get a token. At least one. */
  readonly grants: readonly OAuthGrant[];
  /** Whether it can keep no secret, as programs on a user's machine, which use PKCE instead. @default false */
  readonly isPublic?: boolean;
  /** Where `authorization_code` leads back to: https, or http on the user's own machine. @default - none */
  readonly redirectUris?: readonly string[];
  /** Scopes of other applications, with their audience in front: `app.scope('read')`. @default - what is granted */
  readonly allowedScopes?: readonly string[];
}

export interface IdentityDomainAppProps {
  readonly domain: IdentityDomain;
  /** Name in the console. @default - derived from the construct's path */
  readonly displayName?: string;
  /** What it is for. @default "<construct path>" */
  readonly description?: string;
  /** What it offers. @default - it is a client only */
  readonly resource?: IdentityDomainResource;
  /** What it may ask for. @default - it is a resource only */
  readonly client?: IdentityDomainClient;
  /** Whether it works. An application that is not gets no tokens, and none are issued for it. @default true */
  readonly active?: boolean;
}

/** An application that exists already, made by other means. */
export interface IdentityDomainAppAttributes {
  readonly domain: IdentityDomain;
  /** Primary audience. @default - it is a client only */
  readonly audience?: string;
  /** Names of the scopes it has: no others can be granted. @default - none */
  readonly scopes?: readonly string[];
  /** Client ID. @default - it is a resource only */
  readonly clientId?: string;
}
