import type { SigningMethod } from '../../config/backend.js';

/** Which OCI identity. */
export interface PrincipalChoice {
  readonly method: SigningMethod;
  /** Profile of the configuration file, for `oci_config` and `session_token`. @default "DEFAULT" */
  readonly profile?: string;
  /** The configuration file. @default - `OCI_CONFIG_FILE`, or `~/.oci/config` */
  readonly configFile?: string;
}

/** An OCI identity, as the providers of the OCI SDK hold it. */
export interface Principal {
  /** Names the key that verifies a signature; for all but API keys it holds the session token. */
  getKeyId(): Promise<string>;
  getPrivateKey(): string;
  getPassphrase(): string | null;
  /** Where it is; absent when it does not know. */
  getRegion?(): { readonly regionId: string } | undefined;
  /** Gets a new token; absent where building the principal again does that. */
  refresh?(): Promise<unknown>;
  /** Gets a new token for one that is still valid; absent where `refresh` or building it again does that, too. */
  prolong?(): Promise<unknown>;
}

/** Builds a principal, and again whenever the one before does not work any more. */
export type PrincipalSource = () => Promise<Principal>;

/** The process environment. */
export type Environment = Readonly<Record<string, string | undefined>>;
