import { Lazy } from 'cdktf';
import type { Construct } from 'constructs';
import { jsonTemplate, quotedJson } from '../../core/json';
import { checkVariableName, reportFault } from '../../core/validation';
import type { McpWorkload } from '../../mcp/mcp-workload';
import { refuseConfigMaps } from '../../mcp/mounted-config-map';
import { isVaultSecret } from '../../mcp/secret-reference';

/** Variables that the platform sets itself: those of its request routing, of Kubernetes, and of the resource principal. */
const reserved = /^(PORT|K_SERVICE|K_CONFIGURATION|K_REVISION|KUBERNETES_.*|OCI_RESOURCE_PRINCIPAL_.*)$/;

/** A variable of a hosted application. Its value is JSON: text stands in quotes, which the container does not get. */
export interface HostedVariable {
  readonly name: string;
  readonly type: 'PLAINTEXT' | 'VAULT';
  readonly value: string;
}

/** The variables of a workload. There are no files, so its configuration stands in variables too. */
export function hostedEnvironment(workload: McpWorkload): HostedVariable[] {
  const plain = Object.entries({ OCI_CLI_AUTH: 'resource_principal', ...workload.environment });
  const secrets = Object.entries(workload.secretEnvironment);
  return [
    ...plain.map(([name, value]) => ({ name, type: 'PLAINTEXT' as const, value: jsonTemplate(value) })),
    ...workload.configDirectories.map((directory) => ({
      name: directory.variable,
      type: 'PLAINTEXT' as const,
      value: Lazy.stringValue({ produce: () => quotedJson(directory.files()) }),
    })),
    ...secrets.flatMap(([name, secret]) =>
      isVaultSecret(secret) ? [{ name, type: 'VAULT' as const, value: jsonTemplate(secret.secretId) }] : [],
    ),
  ];
}

export function checkHostedEnvironment(
  scope: Construct,
  workload: McpWorkload,
  storageVariables: readonly string[],
): void {
  for (const [name, secret] of Object.entries(workload.secretEnvironment)) {
    if (isVaultSecret(secret)) continue;
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: `${name} from the Kubernetes secret ${secret.name}`,
      allowed: 'secrets in Vault on a hosted application',
      fix: 'keep the value in Vault and pass { secretId, compartmentId }',
    });
  }
  refuseConfigMaps(scope, 'a hosted application', workload.configMaps);
  const names = [workload.environment, workload.secretEnvironment].flatMap((variables) => Object.keys(variables));
  for (const name of [...names, ...storageVariables].filter((each) => reserved.test(each))) {
    reportFault(scope, { prop: 'environment', got: name, allowed: 'names that the platform does not set itself' });
  }
  const taken = new Set(names);
  for (const variable of storageVariables) {
    checkVariableName(scope, 'storages.variable', variable);
    if (taken.has(variable)) {
      reportFault(scope, { prop: 'storages', got: variable, allowed: 'variables that nothing else sets' });
    }
    taken.add(variable);
  }
}
