import { isDeepStrictEqual } from 'node:util';
import type { Backend } from '../config/backend.js';
import type { GatewayConfig } from '../config/index.js';

/** What the router follows of the configuration. */
export type Routed = Pick<GatewayConfig, 'backends' | 'views' | 'tool_search' | 'page_size' | 'gateway_tools'>;

/** Those that are to serve, in the order of the configuration. */
export function enabledIn({ backends }: Routed): Backend[] {
  return backends.filter((backend) => backend.enabled);
}

/** Whether clients are shown the same of the same backends. */
export function showsSame({ backends: _, ...one }: Routed, { backends: __, ...other }: Routed): boolean {
  return isDeepStrictEqual(one, other);
}

/** Whether a backend's tools have the same names by both of its configurations. */
export function namesAlike(one: Backend, other: Backend): boolean {
  const naming = ({ namespace_tools, tools }: Backend) => [
    namespace_tools,
    Object.entries(tools).map(([tool, { name }]) => [tool, name]),
  ];
  return isDeepStrictEqual(naming(one), naming(other));
}
