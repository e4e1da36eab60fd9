import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IdentityDynamicGroup } from '@cdktf/provider-oci/lib/identity-dynamic-group';
import { IdentityPolicy } from '@cdktf/provider-oci/lib/identity-policy';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, Aspects, TerraformStack, Testing } from 'cdktf';
import { McpRules } from 'cdktf-oci-mcp';
import { Construct } from 'constructs';
import { registry } from '../../../lib/rules/registry';
import { expectNoFindings, findingsOf } from '../../helpers/rules';
import { faultsOf } from '../../helpers/synth';
import { compartmentId } from '../fixtures';

const statement = `Allow dynamic-group mcp to manage objects in compartment id ${compartmentId}`;

function widePolicy(scope: Construct, id: string): IdentityPolicy {
  return new IdentityPolicy(scope, id, { compartmentId, name: 'mcp', description: 'Servers', statements: [statement] });
}

test('ids are unique, in order and of one form', () => {
  const ids = registry.map(({ id }) => id);
  expect(ids).toEqual(registry.map((_, i) => `MCP${String(i + 1).padStart(3, '0')}`));
});

test('every finding of a stack is told at once, with its fix', () => {
  const faults = faultsOf((stack) => {
    widePolicy(stack, 'A');
    widePolicy(new Construct(stack, 'Team'), 'B');
    McpRules.enforce(stack);
  });
  const said = `MCP003 Policy statement wider than a workload needs: statement ${statement}; fix: ${registry[2]?.fix}`;
  expect(faults).toEqual([`[stack/A] ${said}`, `[stack/Team/B] ${said}`]);
});

test('what an Aspect or an override makes of a resource is what counts', () => {
  expectNoFindings((stack) => {
    const matchingRule = `resource.compartment.id = '${compartmentId}'`;
    const group = { compartmentId: 'ocid1.tenancy.oc1..example', name: 'mcp', description: 'Servers', matchingRule };
    new IdentityDynamicGroup(stack, 'Group', group).addOverride('matching_rule', "resource.id = 'ocid1.fnfunc.oc1..a'");
    const policy = widePolicy(stack, 'Policy');
    Aspects.of(stack).add({
      visit: (node) => {
        if (node === policy) policy.statements = ['Allow dynamic-group mcp to read objects in tenancy'];
      },
    });
  });
});

test('a resource that an override of the stack makes is found behind the path of the stack', () => {
  const found = findingsOf((stack) => {
    const resource = { compartment_id: compartmentId, name: 'mcp', description: 'Servers', statements: [statement] };
    stack.addOverride('resource.oci_identity_policy.Raw', resource);
  });
  expect(found).toEqual([`[stack] MCP003 Policy statement wider than a workload needs: statement ${statement}`]);
});

describe('a suppression', () => {
  test('counts for the construct and everything below it, and is written into the stack', () => {
    const stack = new TerraformStack(Testing.app(), 'stack');
    new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
    const team = new Construct(stack, 'Team');
    widePolicy(team, 'A');
    widePolicy(new Construct(team, 'Part'), 'B');
    McpRules.suppress(team, 'MCP003', '  The importer replaces whole objects ');
    McpRules.enforce(stack);
    Testing.synth(stack, true);
    expect(stack.toTerraform()['//'].mcp_rules).toEqual({
      suppressions: [{ rule: 'MCP003', path: 'stack/Team', reason: 'The importer replaces whole objects' }],
    });
  });

  test('counts for no neighbour whose path begins the same', () => {
    const found = findingsOf((stack) => {
      McpRules.suppress(widePolicy(stack, 'A'), 'MCP003', 'A reason');
      widePolicy(stack, 'AB');
    });
    expect(found).toEqual([`[stack/AB] MCP003 Policy statement wider than a workload needs: statement ${statement}`]);
  });

  test('of nothing is reported', () => {
    const found = findingsOf((stack) => McpRules.suppress(new Construct(stack, 'Team'), 'MCP003', 'A reason'));
    expect(found).toEqual(['[stack/Team] MCP003 is suppressed here and not found']);
  });

  test.each([
    ['MCP999', 'A reason', 'rule: got "MCP999"; allowed: one of MCP001, MCP002'],
    ['MCP003', ' ', 'reason: got " "; allowed: why MCP003 is accepted here'],
  ])('of %s for "%s" is reported, with and without enforcing', (rule, reason, fault) => {
    const [line] = faultsOf((stack) => McpRules.suppress(new Construct(stack, 'Team'), rule, reason));
    expect(line).toContain(`[stack/Team] ${fault}`);
  });
});

describe('a whole app', () => {
  let outdir: string;
  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), 'rules-'));
  });
  afterEach(() => rmSync(outdir, { recursive: true }));

  function stack(app: App, id: string, isWide = true): TerraformStack {
    const made = new TerraformStack(app, id);
    new OciProvider(made, 'Oci', { region: 'eu-frankfurt-1' });
    if (isWide) widePolicy(made, 'Policy');
    return made;
  }

  test('is told about in one message, and nothing is written', () => {
    const app = new App({ outdir });
    stack(app, 'one');
    stack(app, 'two');
    McpRules.enforce(app);
    expect(() => app.synth()).toThrow(/\[one\] two\/Policy: MCP003[\s\S]*\[one\/Policy\] MCP003/);
    expect(existsSync(join(outdir, 'stacks', 'one', 'cdk.tf.json'))).toBe(false);
  });

  test('fails for a stack that is made later', () => {
    const app = new App({ outdir });
    McpRules.enforce(app);
    stack(app, 'late');
    expect(() => app.synth()).toThrow(/late\/Policy: MCP003/);
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(false);
  });

  test('passes where nothing is found', () => {
    const app = new App({ outdir });
    McpRules.suppress(stack(app, 'one'), 'MCP003', 'A reason');
    stack(app, 'two', false);
    McpRules.enforce(app);
    app.synth();
    const json = JSON.parse(readFileSync(join(outdir, 'stacks', 'one', 'cdk.tf.json'), 'utf8'));
    expect(json['//'].mcp_rules.suppressions).toHaveLength(1);
  });

  test.each(['before', 'after'])('is held to what the whole app allows, whatever a stack allowed itself %s', (when) => {
    const app = new App({ outdir });
    const allow = { manage: ['objects'], allResources: ['read', 'manage'] };
    const own = () => McpRules.enforce(stack(app, 'one'), { allow });
    if (when === 'before') own();
    McpRules.enforce(app, { allow: { allResources: ['inspect'] } });
    if (when === 'after') own();
    expect(() => app.synth()).toThrow(/MCP003/);
  });

  test('is checked once, and cannot be suppressed as a whole', () => {
    const app = new App({ outdir });
    const one = stack(app, 'one');
    McpRules.enforce(one);
    McpRules.enforce(app);
    expect(() => app.synth()).toThrow(
      /^Validation failed with the following errors:\n {2}\[one\/Policy\] MCP003 [^\n]*\n\n/,
    );
    const other = new App({ outdir });
    McpRules.suppress(other, 'MCP003', 'A reason');
    expect(() => other.synth()).toThrow(/construct: got "the app"; allowed: a stack or a construct in one/);
  });
});
