import { Token } from 'cdktf';
import { ConfigError, type ConfigFault, type GatewayConfigInput, parseGatewayConfig } from 'oci-mcp-gateway/config';

/** What a reference is taken for while the configuration is checked at synth: valid wherever a host may stand. */
const placeholder = 'reference.invalid';

/**
 * Checks a configuration with the gateway's own schema, so that a bad route fails at synth and not in a pod.
 * @param config References in it stand for values which are not known yet.
 */
export function checkGatewayConfig(config: GatewayConfigInput): readonly ConfigFault[] {
  try {
    parseGatewayConfig(withoutReferences(config));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

function withoutReferences(value: unknown): unknown {
  if (typeof value === 'string' && Token.isUnresolved(value)) return withoutReferencesInText(value);
  if (typeof value === 'number' && Token.isUnresolved(value)) return 1;
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutReferences(member)]));
}

/** A string that begins with a reference is most likely a whole URL. */
function withoutReferencesInText(text: string): string {
  const known = text.replace(/\$\{TfToken\[[^\]]+\]\}/g, placeholder);
  return known.startsWith(placeholder) ? `https://${known}` : known;
}
