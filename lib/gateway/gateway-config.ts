import { Token } from 'cdktf';
import { ConfigError, type ConfigFault, type GatewayConfigInput, parseGatewayConfig } from 'oci-mcp-gateway/config';

/** What a reference is taken for while the configuration is checked at synth: valid wherever a host may stand. */
const placeholder = 'reference.invalid';

/** How a reference that is a whole text appears in a message. */
const quoted = `"https://${placeholder}"`;

/**
 * Checks a configuration with the gateway's own schema, so that a bad route fails at synth and not in a pod.
 * @param config References in it stand for values which are not known yet.
 */
export function checkGatewayConfig(config: GatewayConfigInput): readonly ConfigFault[] {
  try {
    parseGatewayConfig(withoutReferences(config));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => ({
      ...fault,
      message: fault.message.replaceAll(quoted, 'a Terraform reference'),
    }));
  }
}

/**
 * A configuration whose text reaches the gateway as it is: it takes `${NAME}` in a file for a variable of its environment,
 * and nothing that a stack says is meant so.
 */
export function literalConfig<T>(config: T): T {
  const escaped = (text: string) => text.replace(/\$\{(?!TfToken\[)/g, (opener) => `$${opener}`);
  // Text is replaced by text, so the shape stays what it was.
  return mapLeaves(config, (leaf) => (typeof leaf === 'string' ? escaped(leaf) : leaf)) as T;
}

function withoutReferences(config: unknown): unknown {
  return mapLeaves(config, (leaf, field) => {
    if (!Token.isUnresolved(leaf)) return leaf;
    return typeof leaf === 'string' ? withoutReferencesInText(leaf, field) : 1;
  });
}

/** A string that begins with a reference is most likely a whole URL, and after a host stands a port. */
function withoutReferencesInText(text: string, field: string | undefined): string {
  if (field === 'region') return 'reference';
  const withPort = text.replace(/(?<before>:\/\/[^/]+:)\$\{TfToken\[[^\]]+\]\}/, '$<before>1');
  const known = withPort.replace(/\$\{TfToken\[[^\]]+\]\}/g, placeholder);
  return known.startsWith(placeholder) ? `https://${known}` : known;
}

function mapLeaves(value: unknown, change: (leaf: unknown, field?: string) => unknown, field?: string): unknown {
  if (Array.isArray(value)) return value.map((member) => mapLeaves(member, change, field));
  if (typeof value !== 'object' || value === null) return change(value, field);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapLeaves(member, change, key)]));
}
