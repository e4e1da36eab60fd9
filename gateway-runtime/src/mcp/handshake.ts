import { isObject, latestProtocolVersion, protocolVersions } from '../config/json-rpc.js';
import type { ServerDescription } from '../config/upstream.js';
import { UpstreamError } from '../errors.js';
import type { Correlator } from './correlator.js';

/** What the gateway calls itself towards backends. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
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
  clientInfo: ClientInfo,
  timeoutMs: number,
  onVersion: (version: string) => void = () => {},
): Promise<ServerDescription> {
  const params = { protocolVersion: latestProtocolVersion, capabilities: {}, clientInfo };
  const result = await correlator.request('initialize', params, {}, timeoutMs);
  if (!isObject(result) || typeof result.protocolVersion !== 'string') {
    throw new UpstreamError('answered initialize with something that is not MCP');
  }
  if (!protocolVersions.includes(result.protocolVersion)) {
    throw new UpstreamError(
      `speaks MCP ${JSON.stringify(result.protocolVersion.slice(0, 20))}, which is not supported`,
    );
  }
  onVersion(result.protocolVersion);
  await correlator.notify('notifications/initialized', undefined, timeoutMs);
  return {
    capabilities: isObject(result.capabilities) ? result.capabilities : {},
    instructions: typeof result.instructions === 'string' ? result.instructions : undefined,
  };
}
