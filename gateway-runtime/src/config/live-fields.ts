import { isDeepStrictEqual } from 'node:util';
import type { GatewayConfig } from './schema.js';

/** Fields that a reload changes. Of all others the gateway was built, and only a start can build it otherwise. */
export const liveFields = [
  'auth',
  'backends',
  'console',
  'gateway_tools',
  'limits',
  'log_level',
  'page_size',
  'tool_search',
  'views',
] as const satisfies readonly (keyof GatewayConfig)[];

/**
 * The configuration that can be had without a restart.
 *
 * @returns it, and the fields that differ but stay as they were
 */
export function withLiveFields(
  before: GatewayConfig,
  wanted: GatewayConfig,
): { config: GatewayConfig; ignored: string[] } {
  const isLive = ([field]: [string, unknown]) => liveFields.some((live) => live === field);
  // A field that nothing is said of is absent in both.
  const fixed = Object.entries(before).filter((entry) => !isLive(entry));
  const live = Object.entries(wanted).filter(isLive);
  const config = Object.fromEntries([...fixed, ...live]) as GatewayConfig;
  const fields = new Set([...Object.keys(before), ...Object.keys(wanted)]) as Set<keyof GatewayConfig>;
  return { config, ignored: [...fields].filter((field) => !isDeepStrictEqual(config[field], wanted[field])) };
}
