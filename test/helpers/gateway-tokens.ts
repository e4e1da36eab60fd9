import {
  ConfigError,
  type ConfigFault,
  type GatewayConfigInput,
  parseGatewayConfig,
} from '../../gateway-runtime/src/config/index.js';
import type { TestGateway } from './gateway-instance.js';

/** The first request of a client. */
export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
};

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** What a gateway answers to a token, or to none. */
export async function statusOf(gateway: Pick<TestGateway, 'post'>, token?: string): Promise<number> {
  return (await gateway.post(initialize, token === undefined ? {} : bearer(token))).status;
}

/** What is wrong with an `auth` section. */
export function configFaults(auth: GatewayConfigInput['auth'], more: GatewayConfigInput = {}): readonly ConfigFault[] {
  try {
    parseGatewayConfig({ ...more, auth });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
