import { TerraformOutput, TerraformVariable } from 'cdktf';
import { isReference, type SynthesizedApp, type SynthesizedStack, textsOf } from '../core/synthesized-app';
import type { Finding, Rule } from './rule';
import { looksSecret } from './secret-text';

/** What is written into the synthesized stack is in the repository, in plans and in the state. */
export const plainSecret: Rule = {
  id: 'MCP005',
  title: 'Secret in plain text',
  why: 'Whoever reads the repository, a plan or the state has it.',
  fix: 'keep the value in Vault and pass a reference to the secret: VaultSecret, or secretEnvironment of a server',
  check: ({ app }) => [
    ...blocks(app),
    ...app.stacks.flatMap((stack) => [...values(stack), ...providers(stack)]),
    ...reads(app),
  ],
};

function blocks(app: SynthesizedApp): Finding[] {
  return app.stacks.flatMap(({ resources, dataSources }) =>
    [...resources.values(), ...dataSources.values()].flatMap(({ construct, arguments: args }) =>
      secretsIn(args).map((name) => ({ construct, found: `the value of ${name}` })),
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
      return secretsIn({ [name]: text }).map((found) => ({
        construct: construct ?? stack,
        found: `the ${section === 'variable' ? 'default' : 'value'} of ${section.replace(/s$/, '')} ${found}`,
      }));
    }),
  );
}

function providers({ stack, json }: SynthesizedStack): Finding[] {
  return secretsIn(json['provider']).map((name) => ({
    construct: stack,
    found: `the value of ${name} of a provider`,
    fix: 'leave it to the environment or the profile of whoever applies',
  }));
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

/** The names of what holds a secret. */
function secretsIn(value: unknown): string[] {
  const found = textsOf(withNamedPairs(value)).filter(({ path, text }) => looksSecret(path.at(-1) ?? '', text));
  return [...new Set(found.map(({ path }) => path.join('.')))];
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
