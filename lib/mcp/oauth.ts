import type { IConstruct } from 'constructs';

/** A service that an authorization server issues tokens for, and whose scopes can be added to. */
export interface IOAuthResource extends IConstruct {
  /** URL of the authorization server. May be a reference. */
  readonly authorizationServer: string;
  /**
   * Makes a scope known, once however often it is asked for.
   * @param name As tokens carry it.
   * @returns the scope as clients ask for it.
   */
  addScope(name: string, description: string): string;
}

/** Somebody who asks an authorization server for tokens. */
export interface IOAuthClient extends IConstruct {
  /** URL of the authorization server. May be a reference. */
  readonly authorizationServer: string;
  /**
   * Lets the client ask for a scope.
   * @param scope As {@link IOAuthResource.addScope} returns it.
   */
  allowScope(scope: string): void;
}
