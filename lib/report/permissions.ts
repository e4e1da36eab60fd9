import { suppressionsOf } from '../core/rule-suppressions';
import { isReference, type SynthesizedApp, type SynthesizedBlock, textAt, textsOf } from '../core/synthesized-app';
import { IdentityPolicy, type PolicyRequest } from '../iam/identity-policy';
import { ownerPath } from './components';
import type { DynamicGroupEntry, SecretEntry, StatementEntry, SuppressionEntry } from './platform-document';
import { distinct, readable, sorted } from './readable';

/** Every statement of every policy, with who asked for it. */
export function statementEntries(app: SynthesizedApp): StatementEntry[] {
  const entries = app.resources('oci_identity_policy').flatMap((block) => {
    const { path } = block.construct.node;
    const policy = block.construct.node.scope;
    const requests = policy instanceof IdentityPolicy ? policy.requests : [];
    return texts(block.arguments['statements']).map((statement) => {
      const request: Partial<PolicyRequest> = requests.find((each) => each.statement === statement) ?? {};
      return {
        statement: readable(app, block.stack, statement),
        policy: policy instanceof IdentityPolicy ? policy.node.path : path,
        grantees: request.grantees ?? [],
        askedBy: request.askedBy ?? [path],
      };
    });
  });
  return sorted(entries);
}

export function dynamicGroupEntries(app: SynthesizedApp): DynamicGroupEntry[] {
  return sorted(
    app
      .resources('oci_identity_dynamic_group', 'oci_identity_domains_dynamic_resource_group')
      .map(({ arguments: group, construct, stack }) => ({
        path: construct.node.path.replace(/\/Resource$/, ''),
        matchingRule: readable(app, stack, textAt(group, 'matching_rule') ?? ''),
      })),
  );
}

export function suppressionEntries(app: SynthesizedApp): SuppressionEntry[] {
  return sorted(
    app.stacks.flatMap(({ stack }) => suppressionsOf(stack)).map(({ rule, path, reason }) => ({ rule, path, reason })),
  );
}

/** Every secret that the app refers to, by where it is kept. */
export function secretEntries(app: SynthesizedApp): SecretEntry[] {
  const uses = app.stacks
    .flatMap(({ resources, dataSources }) => [...resources.values(), ...dataSources.values()])
    .flatMap((block) => [...vaultSecrets(app, block), ...kubernetesSecrets(app, block)]);
  return sorted(
    [...bySecret(uses).values()].map((same) => ({
      secret: same[0]?.secret ?? '',
      kind: same[0]?.kind ?? 'Vault',
      usedBy: distinct(same.map(({ usedBy }) => usedBy)),
    })),
  );
}

interface Use {
  readonly secret: string;
  readonly kind: SecretEntry['kind'];
  readonly usedBy: string;
}

/** Arguments named after the OCID of a secret, and the statements that permit reading one. */
function vaultSecrets(app: SynthesizedApp, block: SynthesizedBlock): Use[] {
  const use = (secret: string): Use => ({
    secret: readable(app, block.stack, secret),
    kind: 'Vault',
    usedBy: ownerPath(block.construct),
  });
  return textsOf(block.arguments).flatMap(({ path, text }) => {
    const name = path.at(-1) ?? '';
    const permitted = [...text.matchAll(/target\.secret\.id\s*=\s*'((?:\$\{[^}]*\}|[^'])+)'/g)].map(
      ([, id = '']) => id,
    );
    const named =
      /(^|_)secret_id$/.test(name) && (isReference(text) || text.startsWith('ocid1.vaultsecret.')) ? [text] : [];
    const literal = text.match(/ocid1\.vaultsecret\.[\w.-]+/g) ?? [];
    return [...permitted, ...named, ...literal].map(use);
  });
}

function kubernetesSecrets(app: SynthesizedApp, block: SynthesizedBlock): Use[] {
  const namespace = textAt(block.arguments, 'metadata', 'namespace') ?? 'default';
  return textsOf(block.arguments)
    .filter(({ path }) =>
      /^(secret\.secret_name|secret_key_ref\.name|secret_ref\.name|image_pull_secrets\.name)$/.test(
        path.slice(-2).join('.'),
      ),
    )
    .map(({ text }) => ({
      secret: readable(app, block.stack, `${namespace}/${text}`),
      kind: 'Kubernetes',
      usedBy: ownerPath(block.construct),
    }));
}

function bySecret(uses: readonly Use[]): Map<string, Use[]> {
  const found = new Map<string, Use[]>();
  for (const use of uses) {
    const key = `${use.kind} ${use.secret}`;
    found.set(key, [...(found.get(key) ?? []), use]);
  }
  return found;
}

function texts(value: unknown): string[] {
  return [value ?? []].flat().filter((text): text is string => typeof text === 'string');
}
