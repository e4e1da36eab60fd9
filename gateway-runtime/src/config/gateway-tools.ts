import * as z from 'zod';
import { Scopes } from './access-rules.js';
import { optional, strict } from './field.js';

/** Tools of the gateway itself, by which operators look into it. */
export const GatewayToolsSchema = strict({
  enabled: z.boolean({ error: 'true or false' }).default(false).describe('Offer them'),
  required_scopes: optional(Scopes).describe(
    'Scopes they need besides those of auth and of tool_scopes; [] opens them to every caller. Required with auth',
  ),
});

/** Tools of the gateway itself, by which operators look into it. */
export type GatewayTools = z.output<typeof GatewayToolsSchema>;

/** Names that no backend's tool gets while the gateway offers these itself. */
export const gatewayToolNames = ['gateway_health', 'gateway_list_backends', 'gateway_audit_log'] as const;
