/**
 * How a version of MCP connects client and server: `legacy` ones begin with a handshake and keep a session, `modern` ones
 * say with each request who asks and what the client can do.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning#terminology
 */
export type Era = 'legacy' | 'modern';

/** Versions with a handshake, newest first. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** Versions without one, newest first. */
export const modernVersions: readonly string[] = ['2026-07-28'];

/** Every version that the gateway speaks on both sides, newest first. */
export const supportedVersions: readonly string[] = [...modernVersions, ...legacyVersions];

/** The version offered in a handshake to whoever asks for one the gateway does not speak. */
export const latestLegacyVersion = '2025-11-25';

/** The newest version without a handshake. */
export const latestModernVersion = '2026-07-28';

/** The era of a version that the gateway speaks; `undefined` for any other. */
export function eraOf(version: unknown): Era | undefined {
  if (modernVersions.includes(version as string)) return 'modern';
  return legacyVersions.includes(version as string) ? 'legacy' : undefined;
}
