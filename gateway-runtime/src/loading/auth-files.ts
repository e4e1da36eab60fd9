import { toFaults } from '../config/faults.js';
import { type GatewayConfig, StaticTokensSchema } from '../config/index.js';
import type { ConfigFault } from '../errors.js';
import type { Environment } from './flags.js';
import { JsonFileReader } from './json-file.js';

type Auth = GatewayConfig['auth'];

/** What the files hold that `auth` names, by their paths. */
export interface AuthFiles {
  readonly texts: ReadonlyMap<string, string>;
  readonly tokens: ReadonlyMap<string, Auth['static_tokens']>;
}

/** No files at all. */
export const noAuthFiles: AuthFiles = { texts: new Map(), tokens: new Map() };

/** A configuration with the content of those files in its place. */
export interface WithAuthFiles {
  readonly config: GatewayConfig;
  readonly files: AuthFiles;
  /** What is wrong with files. */
  readonly faults: readonly ConfigFault[];
  /** False when a file is missing that was never read. */
  readonly isComplete: boolean;
}

/** Puts the content of the files that `auth` names in its place. @param good What they held when they could last be used. */
export function readAuthFiles(config: GatewayConfig, environment: Environment, good = noAuthFiles): WithAuthFiles {
  const reader = new JsonFileReader(environment);
  const { jwt_public_key_file, static_tokens_file, ...auth } = config.auth;
  const texts = new Map<string, string>();
  const tokens = new Map<string, Auth['static_tokens']>();
  let isComplete = true;
  const textOf = (file: string, path: string) => {
    const text = reader.readText(file, path) ?? good.texts.get(file);
    if (text === undefined) isComplete = false;
    else texts.set(file, text);
    return text;
  };
  if (jwt_public_key_file) auth.jwt_public_key = textOf(jwt_public_key_file, 'auth.jwt_public_key_file');
  auth.issuers = auth.issuers.map(({ public_key_file, ...issuer }, index) => {
    const pem = public_key_file && textOf(public_key_file, `auth.issuers[${index}].public_key_file`);
    return pem ? { ...issuer, public_key: [pem] } : issuer;
  });
  if (static_tokens_file) {
    const known = readTokens(static_tokens_file, reader) ?? good.tokens.get(static_tokens_file);
    if (known === undefined) isComplete = false;
    else tokens.set(static_tokens_file, known);
    auth.static_tokens = { ...auth.static_tokens, ...known };
  }
  return { config: { ...config, auth }, files: { texts, tokens }, faults: reader.faults, isComplete };
}

function readTokens(file: string, reader: JsonFileReader): Auth['static_tokens'] | undefined {
  const before = reader.faults.length;
  const content = reader.read(file);
  const tokens = StaticTokensSchema.safeParse(content);
  if (tokens.success) return reader.faults.length === before ? tokens.data : undefined;
  if (content !== undefined) {
    const faults = toFaults(tokens.error, { static_tokens: content }, ['static_tokens']);
    reader.faults.push(...faults.map(({ path, message }) => ({ path: `${file}: ${path}`, message })));
  }
  return undefined;
}
