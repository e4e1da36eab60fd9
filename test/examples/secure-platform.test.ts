import { scopesIn } from 'oci-mcp-gateway/config';
import { renderedConfig } from '../helpers/rendered-config';
import { type Block, readSynthesized, type SynthesizedJson } from '../helpers/synth';
import { synthApp } from '../helpers/synth-app';

const files = new Map<string, Promise<ReadonlyMap<string, string>>>();

async function fileOf(example: string, path: string): Promise<Block> {
  const written = files.get(example) ?? synthApp(`examples/${example}/main.ts`);
  files.set(example, written);
  return JSON.parse((await written).get(path) ?? '{}');
}

async function stackOf(example: string): Promise<SynthesizedJson> {
  return readSynthesized(await fileOf(example, `stacks/${example}/cdk.tf.json`));
}

const statementsIn = ({ resources }: SynthesizedJson) =>
  resources('oci_identity_policy').flatMap((policy): string[] => policy['statements']);

describe.each(['secure-platform', 'bring-your-own'])('the example %s', (example) => {
  test('passes every rule, and none of them was suppressed', async () => {
    // Synthesizing fails where a rule finds something; the report lists what was kept from them.
    const report = await fileOf(example, 'mcp-platform.json');
    expect(report['suppressions']).toEqual([]);
    expect(report['servers'].length).toBeGreaterThan(2);
  });

  test('lets nobody do more than read one thing, call one thing or send metrics', async () => {
    // The one form that Oracle has for traces of functions.
    const tracing = 'Allow service FaaS to use apm-domains in compartment id ${var.compartment_id}';
    for (const statement of statementsIn(await stackOf(example)).filter((each) => each !== tracing)) {
      expect(statement).not.toMatch(/\bmanage\b|all-resources|in tenancy/);
      expect(statement).toMatch(/ in compartment id \$\{var\.compartment_id\} where /);
    }
  });

  test('needs no right in the tenancy', async () => {
    const { resources } = await stackOf(example);
    expect(resources('oci_identity_dynamic_group')).toEqual([]);
    expect(resources('oci_identity_domains_dynamic_resource_group')).toEqual([]);
  });

  test('checks tokens at the API Gateway as the gateway does', async () => {
    const stack = await stackOf(example);
    const { auth } = renderedConfig(stack, { 'var.region': 'eu-frankfurt-1' });
    const deployment = stack
      .resources('oci_apigateway_deployment')
      .find(({ specification }) => specification.request_policies?.authentication !== undefined);
    const { request_policies, routes } = deployment?.['specification'] ?? {};
    expect(request_policies.authentication.type).toBe('TOKEN_AUTHENTICATION');
    const { issuers, audiences } = request_policies.authentication.validation_policy.additional_validation_policy;
    expect([issuers, audiences]).toEqual([auth.jwt_issuer, auth.jwt_audience]);
    const { authorization } = routes[0].request_policies;
    const grantable = Object.values(auth.tool_scopes ?? {}).flatMap(scopesIn);
    expect([...authorization.allowed_scope].sort()).toEqual([...new Set(grantable)].sort());
  });
});

test('the stacks of the secure platform fit: what one puts out, the other asks for by name', async () => {
  const foundation = await fileOf('secure-platform', 'stacks/secure-platform-foundation/cdk.tf.json');
  const { json } = await stackOf('secure-platform');
  expect(Object.keys(json['variable'])).toEqual(expect.arrayContaining(Object.keys(foundation['output'])));
});

test('a team that brings everything makes nothing that belongs to others', async () => {
  const { json } = await stackOf('bring-your-own');
  const kinds = Object.keys(json['resource']);
  const ofOthers =
    /vcn|subnet|cluster|apigateway_gateway|vault|redis|log_group|topic|apm_domain|functions_application|domains_app|namespace/;
  expect(kinds.filter((kind) => ofOthers.test(kind))).toEqual([]);
});
