import { TerraformOutput, TerraformVariable } from 'cdktf';
import { secretsIn } from '../core/secret-literal';
import {
  blocksAt,
  isReference,
  type SynthesizedApp,
  type SynthesizedBlock,
  type SynthesizedStack,
  textsOf,
} from '../core/synthesized-app';
import type { Finding, Rule } from './rule';

/** What is written into the synthesized stack is in the repository, in plans and in the state. */
export const plainSecret: Rule = {
  id: 'MCP005',
  title: 'Secret in plain text',
  why: 'Whoever reads the repository, a plan or the state has it.',
  fix: 'keep the value in Vault and pass a reference to the secret: VaultSecret, or secretEnvironment of a server',
  check: ({ app }) => [
    ...blocks(app),
    ...app.stacks.flatMap((stack) => [...values(stack), ...settings(stack)]),
    ...stores(app),
    ...reads(app),
  ],
};

function blocks(app: SynthesizedApp): Finding[] {
  return app.stacks.flatMap(({ resources, dataSources }) =>
    [...resources.values(), ...dataSources.values()].flatMap(({ construct, arguments: args }) =>
      placesOfSecrets(args).map((place) => ({ construct, found: `the value of ${place}` })),
    ),
  );
}

/** Variables with a default, and outputs. */
function values({ stack, json }: SynthesizedStack): Finding[] {
  const constructs = stack.node.findAll();
  return (['variable', 'output', 'locals'] as const).flatMap((section) =>
    Object.entries((json[section] ?? {}) as object).flatMap(([name, value]) => {
      const construct = constructs.find(
        (each) =>
          (each instanceof TerraformVariable || each instanceof TerraformOutput) && each.friendlyUniqueId === name,
      );
      const text = section === 'locals' ? value : (value.default ?? value.value);
      return placesOfSecrets({ [name]: text }).map((found) => ({
        construct: construct ?? stack,
        found: `the ${section === 'variable' ? 'default' : 'value'} of ${section.replace(/s$/, '')} ${found}`,
      }));
    }),
  );
}

/** What configures Terraform itself, and what a module is given: its own resources are not seen here. */
function settings({ stack, json }: SynthesizedStack): Finding[] {
  const { provider, module, terraform } = json;
  const [backend] = blocksAt(terraform, 'backend');
  return placesOfSecrets({ provider, module, backend }).map((place) => ({
    construct: stack,
    found: `the value of ${place}`,
    fix: place.startsWith('module') ? undefined : 'leave it to the environment or the profile of whoever applies',
  }));
}

/** What is only written is in no state, and all the same in the stack. */
const kubernetesSecret = [['data'], ['binary_data'], ['data_wo'], ['binary_data_wo']];

/** Arguments that hold a secret whatever it looks like. */
const secretArguments: { readonly [type: string]: readonly (readonly string[])[] } = {
  kubernetes_secret: kubernetesSecret,
  kubernetes_secret_v1: kubernetesSecret,
  oci_vault_secret: [['secret_content']],
};

function stores(app: SynthesizedApp): Finding[] {
  return app
    .resources(...Object.keys(secretArguments))
    .flatMap((block) =>
      (secretArguments[block.type] ?? [])
        .filter((path) => blocksAt(block.arguments, ...path).some((content) => hasValue(content)))
        .map((path) => ({ construct: block.construct, found: `a value in ${path.join('.')} of a ${block.type}` })),
    );
}

/** The kind of encoding stands beside the content of a secret. */
function hasValue({ content_type: _, name: __, stage: ___, ...content }: SynthesizedBlock['arguments']): boolean {
  return textsOf(content).some(({ text }) => text !== '' && !isReference(text));
}

/** A data source that reads a secret writes its value into the state. */
function reads(app: SynthesizedApp): Finding[] {
  return app
    .dataSources('oci_secrets_secretbundle', 'oci_secrets_secretbundle_versions')
    .map(({ construct, type }) => ({
      construct,
      found: `a data source ${type}, which writes the value into the state`,
      fix: 'pass the OCID of the secret, and read it where it is used',
    }));
}

/** Where in the arguments a secret stands, without showing it. */
function placesOfSecrets(value: unknown): string[] {
  return [...new Set(secretsIn(withNamedPairs(value)).map(({ path, kind }) => `${path}, which looks like ${kind}`))];
}

/** Containers have their variables as pairs of name and value, and files hold JSON: both are read by name. */
function withNamedPairs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNamedPairs);
  if (typeof value === 'string') return parsed(value);
  if (typeof value !== 'object' || value === null) return value;
  const { name, value: text } = value as { readonly name?: unknown; readonly value?: unknown };
  if (typeof name === 'string' && typeof text === 'string' && !isReference(name)) return { [name]: parsed(text) };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withNamedPairs(each)]));
}

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return withNamedPairs(JSON.parse(text));
  } catch {
    return text;
  }
}
