import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { ServerDescription } from '../config/upstream.js';
import { latestLegacyVersion, legacyVersions } from '../config/versions.js';
import { UpstreamError } from '../errors.js';
import type { Correlator } from './correlator.js';

/** What a backend is told of its client in the handshake. */
export interface Caller {
  /** What the gateway calls itself. */
  readonly info: { readonly name: string; readonly version: string };
  /** What those can do for whom the gateway asks. */
  readonly capabilities: JsonObject;
}

/**
 * Initializes a session with a backend.
 *
 * @param timeoutMs Milliseconds until the attempt is given up.
 * @param onVersion Called with the agreed version before anything else is sent.
 * @throws {UpstreamError} when the answer is not usable
 */
export async function initialize(
  correlator: Correlator,
  { info, capabilities }: Caller,
  timeoutMs: number,
  onVersion: (version: string) => void = () => {},
): Promise<ServerDescription> {
  const params = { protocolVersion: latestLegacyVersion, capabilities, clientInfo: info };
  const result = await correlator.request('initialize', params, {}, timeoutMs);
  if (!isObject(result) || typeof result.protocolVersion !== 'string') {
    throw new UpstreamError('answered initialize with something that is not MCP');
  }
  if (!legacyVersions.includes(result.protocolVersion)) {
    throw new UpstreamError(
      `speaks MCP ${JSON.stringify(result.protocolVersion.slice(0, 20))}, which is not supported`,
    );
  }
  onVersion(result.protocolVersion);
  await correlator.notify('notifications/initialized', undefined, timeoutMs);
  return {
    era: 'legacy',
    version: result.protocolVersion,
    capabilities: isObject(result.capabilities) ? result.capabilities : {},
    instructions: typeof result.instructions === 'string' ? result.instructions : undefined,
  };
}
