import { createHash } from 'node:crypto';
import { TerraformStack, Testing } from 'cdktf';
import { InboundAuth, McpGateway, McpServer, OkeHosting } from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { nameOf, qualifiedNameOf, shorten } from '../../../lib/core/names';
import { faultsOf, synth } from '../../helpers/synth';
import { cluster, reference, source } from '../fixtures';

/** The construct at the end of a path of ids below a stack. */
function constructAt(...ids: string[]): Construct {
  return ids.reduce<Construct>((scope, id) => new Construct(scope, id), new TerraformStack(Testing.app(), 'Prod'));
}

test.each([
  [['Logs'], 'logs'],
  [['TeamA', 'Logs'], 'team-a-logs'],
  [['OrdersMCPServer'], 'orders-mcp-server'],
  [['already-a-name'], 'already-a-name'],
  [['snake_case.and more'], 'snake-case-and-more'],
  [['--edges--'], 'edges'],
  [['Game', '2048'], 'game-n2048'],
  [['Überwachung'], 'berwachung'],
])('the construct at %j is called %s', (ids, name) => {
  expect(nameOf(constructAt(...ids))).toBe(name);
});

test.each(['2048Game', '-Game', 'é2048'])(
  'fails when the id %s of a construct below the stack begins the name of a block as none may',
  (id) => {
    const faults = faultsOf((stack) => {
      new McpServer(stack, id, { source, hosting: new OkeHosting({ cluster: cluster(stack) }) });
    });
    expect(faults).toContain(
      `[stack/${id}] id: got "${id}"; allowed: ids directly below the stack that begin with a letter: they begin the names of Terraform blocks; fix: put a letter in front`,
    );
  },
);

test('a name is as long as Kubernetes allows, and no longer', () => {
  expect(nameOf(constructAt('a'.repeat(63)))).toBe('a'.repeat(63));
  expect(nameOf(constructAt('a'.repeat(64)))).toBe(`${'a'.repeat(54)}-ffe054fe`);
});

test('the hash of a cut name is that of the whole name', () => {
  const whole = `${'team-'.repeat(20)}logs`;
  const name = shorten(whole, 63);
  expect(name).toHaveLength(63);
  expect(name.slice(-8)).toBe(createHash('sha256').update(whole).digest('hex').slice(0, 8));
});

test('a name is never cut right behind a hyphen', () => {
  expect(shorten(`${'a'.repeat(53)}-${'b'.repeat(20)}`, 63)).toMatch(/^a{53}-[0-9a-f]{8}$/);
});

test('long names that differ only at their ends stay different', () => {
  const long = 'x'.repeat(70);
  expect(nameOf(constructAt(`${long}A`))).not.toBe(nameOf(constructAt(`${long}B`)));
});

test('a name in a tenancy starts with the stack', () => {
  expect(qualifiedNameOf(constructAt('Logs'), 100)).toBe('prod-logs');
  expect(qualifiedNameOf(constructAt('a'.repeat(200)), 100)).toHaveLength(100);
});

test('every name of a workload stays within 63 characters, and each ConfigMap and volume has its own', () => {
  const { resource, resources } = synth((stack) => {
    const team = new Construct(stack, 'DepartmentOfEverythingThatHasALongName');
    new McpGateway(team, 'TheGatewayWithAnEvenLongerNameThanItsTeam', {
      image: source.image,
      hosting: new OkeHosting({ cluster: cluster(stack) }),
      inboundAuth: InboundAuth.staticTokens({ tokens: { name: 'tokens', key: 'tokens.json' } }),
    });
  });
  const names: string[] = resources().map(({ metadata }) => metadata.name);
  const { metadata, spec } = resource('kubernetes_deployment_v1');
  const volumes: string[] = spec.template.spec.volume.map(({ name }: { name: string }) => name);
  expect(metadata.name).toBe('department-of-everything-that-has-a-long-name-the-gate-ec5a1d99');
  expect(new Set(names).size).toBe(3);
  expect(new Set(volumes).size).toBe(4);
  expect([...names, ...volumes].filter((name) => name.length > 63)).toEqual([]);
});

describe('faults', () => {
  const hosting = (stack: TerraformStack) => new OkeHosting({ cluster: cluster(stack) });

  test('fails when a construct id is a reference', () => {
    const faults = faultsOf((stack) => {
      new McpServer(stack, `Logs-${reference(stack, 'suffix')}`, { source, hosting: hosting(stack) });
    });
    expect(faults).toEqual([
      expect.stringContaining(
        'id: got "a Terraform reference"; allowed: text known at synth; fix: pass a literal construct id; references belong into props',
      ),
    ]);
  });

  test.each([
    [['Logs'], ['logs']],
    [['TeamA', 'Logs'], ['TeamALogs']],
    [['日本'], ['中国']],
  ])('fails when %j and %j would get the same name', (first, second) => {
    const faults = faultsOf((stack) => {
      for (const ids of [first, second]) {
        const scope = ids.slice(0, -1).reduce<Construct>((parent, id) => new Construct(parent, id), stack);
        new McpServer(scope, ids.at(-1) as string, { source, hosting: hosting(stack) });
      }
    });
    const name = nameOf(constructAt(...first));
    expect(faults).toEqual([
      `[stack/${second.join('/')}] id: got "${second.at(-1)}"; allowed: ids whose derived name "${name}" no other workload of the stack has, as stack/${first.join('/')} does; fix: change one of the two ids`,
    ]);
  });
});
