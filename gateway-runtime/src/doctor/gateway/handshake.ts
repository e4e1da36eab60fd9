import type { McpBackend } from '../../config/backend.js';
import type { UpstreamFactory } from '../../contracts/upstream.js';
import { type Connected, connectTo } from '../connect.js';
import { adviceFor } from '../reasons.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';

/** Whether clients of both eras can speak to the gateway. @returns the connection that works, the older era first */
export async function speaksBothEras(
  create: UpstreamFactory<McpBackend>,
  gateway: McpBackend,
): Promise<Verdict<Connected>> {
  const [legacy, modern] = await Promise.allSettled(
    (['legacy', 'modern'] as const).map((era) => connectTo(create, gateway, era)),
  );
  if (legacy?.status === 'fulfilled' && modern?.status === 'fulfilled') {
    await modern.value.upstream.close();
    const versions = [legacy, modern].map(({ value }) => value.description.version);
    return ok(`speaks MCP ${versions.join(' and ')}`, legacy.value);
  }
  for (const [one, other, era] of [[legacy, modern, 'modern'] as const, [modern, legacy, 'legacy'] as const]) {
    if (one?.status !== 'fulfilled' || other?.status !== 'rejected') continue;
    return warning(
      `speaks MCP ${one.value.description.version}; clients of the ${era} era are told: ${reasonOf(other.reason)}`,
      {
        cause:
          'a proxy in front drops headers (MCP-Protocol-Version, Mcp-Method, Mcp-Session-Id), or this is no gateway of this version',
        solution: 'let the proxy pass these headers on, in both directions',
      },
      one.value,
    );
  }
  const reason = reasonOf(legacy?.status === 'rejected' ? legacy.reason : undefined);
  return problem(`no MCP handshake: ${reason}`, adviceFor(reason, gateway));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no answer';
}
