import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { ApigatewayDeployment } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { CoreVcn } from '@cdktf/provider-oci/lib/core-vcn';
import { DataOciCoreServices } from '@cdktf/provider-oci/lib/data-oci-core-services';
import { IdentityPolicy } from '@cdktf/provider-oci/lib/identity-policy';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, Fn, TerraformOutput, TerraformStack, TerraformVariable, Testing, Token } from 'cdktf';
import { checkSynthesized, expectValidTerraform } from './terraform-schema';

const BASE = { provider: { oci: [{ region: 'eu-frankfurt-1' }], kubernetes: {} } };

/** Faults of a stack with these sections beside the providers. */
function faults(sections: object): string[] {
  return checkSynthesized({ ...BASE, ...sections });
}

function vcn(body: object): object {
  return { resource: { oci_core_vcn: { main: { compartment_id: 'ocid1', cidr_blocks: ['10.0.0.0/16'], ...body } } } };
}

const pod = (spec: object) => ({
  resource: { kubernetes_pod_v1: { web: { metadata: { name: 'web' }, spec } } },
});

function correctStack(): TerraformStack {
  const stack = new TerraformStack(new App(), 'Correct');
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  const home = new OciProvider(stack, 'Home', { region: 'eu-frankfurt-1', alias: 'home' });
  new KubernetesProvider(stack, 'Kubernetes', { configPath: '~/.kube/config' });
  const compartment = new TerraformVariable(stack, 'compartment_id', { type: 'string' });
  const services = new DataOciCoreServices(stack, 'Services');
  const network = new CoreVcn(stack, 'Vcn', {
    compartmentId: compartment.stringValue,
    cidrBlocks: ['10.0.0.0/16'],
    isIpv6Enabled: false,
    freeformTags: { service: services.services.get(0).cidrBlock },
    timeouts: { create: '10m' },
    lifecycle: { preventDestroy: true, ignoreChanges: ['freeform_tags'] },
  });
  const policy = new IdentityPolicy(stack, 'Policy', {
    compartmentId: compartment.stringValue,
    name: 'mcp',
    description: 'mcp',
    statements: [`Allow any-user to use ons-topics in compartment id ${compartment.stringValue}`],
    provider: home,
    dependsOn: [network],
  });
  new ApigatewayDeployment(stack, 'Deployment', {
    compartmentId: compartment.stringValue,
    gatewayId: network.id,
    pathPrefix: '/mcp',
    specification: {
      requestPolicies: {
        authentication: { type: 'JWT_AUTHENTICATION', issuers: ['https://idcs.example'], audiences: ['mcp'] },
      },
      routes: [{ path: '/', methods: ['POST'], backend: { type: 'HTTP_BACKEND', url: 'https://mcp.example' } }],
    },
  });
  new DeploymentV1(stack, 'Web', {
    metadata: { name: 'web', labels: { vcn: network.displayName } },
    waitForRollout: true,
    spec: {
      replicas: '2',
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          container: [
            { name: 'web', image: 'web', port: [{ containerPort: 8000 }], resources: { limits: { cpu: '500m' } } },
          ],
        },
      },
    },
    dependsOn: [policy],
  });
  new TerraformOutput(stack, 'config', {
    value: Fn.jsonencode({ vcn: network.id, escaped: '$${not.a.reference}', first: Fn.element(network.cidrBlocks, 0) }),
  });
  return stack;
}

describe('checkSynthesized', () => {
  test('finds nothing in a correct stack built with the bindings', () => {
    const stack = correctStack();
    expect(checkSynthesized(stack.toTerraform())).toEqual([]);
    expect(() => expectValidTerraform(Testing.synth(stack, true))).not.toThrow();
  });

  test.each<[string, object, string]>([
    [
      'an argument is unknown',
      vcn({ cidrblock: 'x' }),
      'oci_core_vcn.main: cidrblock: unknown argument; allowed here: byoipv6cidr_details, ',
    ],
    [
      'an argument is computed only',
      vcn({ state: 'x' }),
      'oci_core_vcn.main: state: set by the provider (computed only)',
    ],
    ['the implicit id is set', vcn({ id: 'x' }), 'oci_core_vcn.main: id: set by the provider (computed only)'],
    [
      'lifecycle has an unknown argument',
      vcn({ lifecycle: { create_before: true } }),
      'lifecycle.create_before: unknown argument',
    ],
    [
      'a data source has a lifecycle of a resource',
      { data: { oci_core_services: { a: { lifecycle: { prevent_destroy: true } } } } },
      'data.oci_core_services.a: lifecycle.prevent_destroy: unknown argument; allowed here: precondition, postcondition',
    ],
    [
      'ignore_changes names what is not there',
      vcn({ lifecycle: { ignore_changes: ['defined_tags["a.b"]', 'gone.x'] } }),
      'lifecycle.ignore_changes: the block has no argument "gone.x"',
    ],
    [
      'replace_triggered_by names what is not there',
      vcn({ lifecycle: { replace_triggered_by: ['oci_core_vcn.gone.id'] } }),
      'lifecycle.replace_triggered_by[0]: "oci_core_vcn.gone.id" refers to oci_core_vcn.gone',
    ],
    [
      'a required argument is missing',
      { resource: { oci_core_vcn: { main: {} } } },
      'oci_core_vcn.main: compartment_id: required argument is missing (string)',
    ],
    [
      'a required argument is null',
      vcn({ compartment_id: null }),
      'oci_core_vcn.main: compartment_id: required argument is missing',
    ],
    [
      'a list is a string',
      vcn({ cidr_blocks: '10.0.0.0/16' }),
      'cidr_blocks: expected list of string, got "10.0.0.0/16"',
    ],
    [
      'a list is a string with a part to fill in',
      vcn({ cidr_blocks: '${var.a}/16' }),
      'cidr_blocks: expected list of string',
    ],
    [
      'an element is not a string',
      vcn({ cidr_blocks: [['10.0.0.0/16']] }),
      'cidr_blocks[0]: expected string, got ["10.0.0.0/16"]',
    ],
    ['a boolean is text', vcn({ is_ipv6enabled: 'yes' }), 'is_ipv6enabled: expected bool, got "yes"'],
    ['a map is a list', vcn({ freeform_tags: ['a'] }), 'freeform_tags: expected map of string, got ["a"]'],
    ['a value of a map is an object', vcn({ freeform_tags: { a: {} } }), 'freeform_tags.a: expected string, got {}'],
    ['a string is an object', vcn({ display_name: {} }), 'display_name: expected string, got {}'],
    [
      'a number is text',
      pod({ container: [{ name: 'a', port: [{ container_port: 'http' }] }] }),
      'kubernetes_pod_v1.web: spec.container[0].port[0].container_port: expected number, got "http"',
    ],
    [
      'an argument of a nested block is unknown',
      pod({ container: { name: 'a', images: 'b' } }),
      'spec.container.images: unknown argument',
    ],
    [
      'an argument of a nested block is missing',
      pod({ container: [{ name: 'a' }, {}] }),
      'spec.container[1].name: required argument is missing',
    ],
    [
      'a block is there twice',
      pod([{ container: [] }, { container: [] }] as object),
      'spec: at most 1 block(s) allowed, got 2',
    ],
    [
      'a block is missing',
      { resource: { kubernetes_pod_v1: { web: { metadata: { name: 'web' } } } } },
      'kubernetes_pod_v1.web: spec: at least 1 block(s) needed, got none',
    ],
    ['a block is an empty list', pod([] as object), 'spec: at least 1 block(s) needed, got 0'],
    [
      'a block is text',
      pod({ container: '${var.containers}' }),
      'spec.container: expected an object, got "${var.containers}"',
    ],
    [
      'timeouts have an unknown name',
      vcn({ timeouts: { start: '1m' } }),
      'timeouts.start: unknown argument; allowed here: create, delete, update',
    ],
    [
      'content of a dynamic block is wrong',
      pod({ container: { name: 'a' }, dynamic: { volume: { for_each: [], content: { nam: 'x' } }, vol: {} } }),
      'spec.dynamic.volume.content.nam: unknown argument',
    ],
    [
      'a resource type is unknown',
      { resource: { oci_core_vnc: { a: {} } } },
      'oci_core_vnc.a: provider "oci" has no resource type "oci_core_vnc"',
    ],
    [
      'a data source type is unknown',
      { data: { oci_core_vcnz: { a: {} } } },
      'data.oci_core_vcnz.a: provider "oci" has no data source type',
    ],
    [
      'a provider has no schema',
      { resource: { other_thing: { a: {} } } },
      'other_thing.a: no schema of provider "other" to check against; known: docker, kubernetes, oci',
    ],
    [
      'a provider argument is unknown',
      { provider: { oci: { regions: 'x' } } },
      'provider.oci: regions: unknown argument',
    ],
    [
      'a provider alias does not exist',
      vcn({ provider: 'oci.home' }),
      'oci_core_vcn.main: provider: the stack has no provider.oci.home',
    ],
    [
      'a data source misses an argument',
      { data: { oci_core_vnic: { a: {} } } },
      'data.oci_core_vnic.a: vnic_id: required argument is missing',
    ],
  ])('fails when %s', (_, sections, message) => {
    expect(faults(sections)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
  });

  test.each<[string, object]>([
    [
      'numbers and booleans as text',
      pod({ container: [{ name: 'a', tty: 'true', port: [{ container_port: '80' }] }] }),
    ],
    ['a number where a string is expected', vcn({ display_name: 5 })],
    ['one block instead of a list of one', pod({ container: { name: 'a' } })],
    [
      'an expression for a list',
      { ...vcn({ cidr_blocks: '${[for c in var.cidrs : cidrsubnet(c, 4, 1)]}' }), variable: { cidrs: {} } },
    ],
    [
      'all meta-arguments',
      vcn({ count: 2, lifecycle: {}, provisioner: [], connection: {}, '//': { note: '${var.gone}' }, depends_on: [] }),
    ],
    ['a null argument', vcn({ display_name: null })],
    [
      'a dynamic block in place of a required one',
      pod({ dynamic: { container: { for_each: '${[]}', content: { name: 'a' } } } }),
    ],
    ['a built-in type', { data: { terraform_remote_state: { other: { backend: 'local', config: {} } } } }],
  ])('accepts %s', (_, sections) => {
    expect(faults(sections)).toEqual([]);
  });

  test.each<[string, string, string]>([
    [
      'a resource that is not there',
      '${oci_core_subnet.x.id}',
      '"oci_core_subnet.x.id" refers to oci_core_subnet.x, which is not in the stack',
    ],
    ['a data source that is not there', '${data.oci_core_vnic.x.id}', 'refers to data.oci_core_vnic.x, which is not'],
    ['a variable that is not there', 'a-${var.x}', 'refers to var.x, which is not'],
    ['a local that is not there', '${local.x}', 'refers to local.x, which is not'],
    ['a module that is not there', '${module.x.out}', 'refers to module.x, which is not'],
    [
      'an attribute that does not exist',
      '${oci_core_vcn.other.ids}',
      '"oci_core_vcn.other.ids": oci_core_vcn.other has no attribute "ids"',
    ],
    [
      'an attribute of a list without index',
      '${data.oci_core_services.all.services.name}',
      'has a list at "services"; an index must come before ".name"',
    ],
    [
      'an attribute that elements do not have',
      '${data.oci_core_services.all.services[0].nam}',
      'has no attribute "nam" at "services[…]"',
    ],
    ['something inside a string', '${oci_core_vcn.other.id.x}', 'has a string at "id", nothing inside it'],
    ['an expression inside a function', '${join(",", [upper(oci_core_vcn.other.nam)])}', 'has no attribute "nam"'],
    [
      'a template inside a string literal',
      '${format("%s", "a-${oci_core_vcn.gone.id}")}',
      'refers to oci_core_vcn.gone',
    ],
    ['an expression inside an index', '${var.zones[oci_core_vcn.gone.id]}', 'refers to oci_core_vcn.gone'],
    [
      'something in a template directive',
      '%{ if oci_core_vcn.gone.id == "" }a%{ endif }',
      'refers to oci_core_vcn.gone',
    ],
    [
      'an attribute by key that elements do not have',
      '${data.oci_core_services.all.services[0]["nam"]}',
      'has no attribute "nam" at "services[…]"',
    ],
    [
      'an instance of a single block',
      '${oci_core_vcn.other[0].id}',
      'has neither count nor for_each, so the index is too much',
    ],
    ['a repeated block without index', '${oci_core_vcn.many.id}', 'has count or for_each; an index must come first'],
    ['an expression without end', 'x${oci_core_vcn.other.id', 'opens an expression that never ends'],
    [
      'an element of a set by index',
      '${oci_core_route_table.rt.route_rules[0].destination}',
      'has a set at "route_rules", which has no order',
    ],
    ['something after an escaped opening', '${format("$${", oci_core_vcn.other.nam)}', 'has no attribute "nam"'],
    ['an unresolved token', '${TfToken[TOKEN.7]}', 'unresolved CDKTF token'],
  ])('fails when a reference names %s', (_, text, message) => {
    const sections = {
      resource: {
        oci_core_vcn: {
          main: { compartment_id: 'ocid1', display_name: text },
          other: { compartment_id: 'ocid1' },
          many: { compartment_id: 'ocid1', count: 2 },
        },
        oci_core_route_table: { rt: { compartment_id: 'ocid1', vcn_id: 'ocid1' } },
      },
      data: { oci_core_services: { all: {} } },
      variable: { zones: {} },
    };
    expect(faults(sections)).toEqual([expect.stringMatching(/^oci_core_vcn\.main: display_name: /)]);
    expect(faults(sections)[0]).toContain(message);
  });

  test.each([
    '${oci_core_vcn.other.cidr_blocks[0]}',
    '${oci_core_vcn.other.cidr_blocks.0}',
    '${element(oci_core_vcn.other.cidr_blocks, 0)}',
    '${oci_core_vcn.other.freeform_tags["a.b"]}',
    '${data.oci_core_services.all.services[*].name}',
    '${data.oci_core_services.all.services.0.name}',
    '${data.oci_core_services.all.services[0]["name"]}',
    '${data.oci_core_services.all.services[0][each.key]}',
    '${join("", oci_core_vcn.other.*.id)}',
    '%%{ if oci_core_vcn.gone.id }',
    '${[for s in data.oci_core_services.all.services : s.name if s.whatever != ""][0]}',
    '${{"a" = "oci_core_vcn.gone.id"}["a"]}',
    '$${oci_core_vcn.gone.id}',
    '${each.value.x}${count.index}${path.module}${terraform.workspace}',
    'oci_core_vcn.gone.id',
  ])('accepts the reference %s', (text) => {
    const resource = {
      oci_core_vcn: { main: { compartment_id: 'a', display_name: text }, other: { compartment_id: 'a' } },
    };
    expect(faults({ resource, data: { oci_core_services: { all: {} } } })).toEqual([]);
  });

  test('fails when a key of a map refers to what is not there', () => {
    const [message] = faults(vcn({ freeform_tags: { '${oci_core_vcn.gone.id}': 'a' } }));
    expect(message).toContain('"oci_core_vcn.gone.id" refers to oci_core_vcn.gone');
  });

  test('fails when a number is a token that CDKTF did not resolve', () => {
    const port = Token.asNumber({ resolve: () => 80, creationStack: [] });
    const [message] = faults(pod({ container: [{ name: 'a', port: [{ container_port: port }] }] }));
    expect(message).toBe(
      'kubernetes_pod_v1.web: spec.container[0].port[0].container_port: unresolved CDKTF number token',
    );
  });

  test('fails when a reference outside of resources is broken', () => {
    expect(
      faults({
        output: { id: { value: '${oci_core_vcn.gone.id}' } },
        locals: { name: '${oci_core_vcn.gone.id}' },
        provider: { oci: {}, kubernetes: { host: '${oci_core_vcn.gone.id}' } },
        module: { m: { source: './m', id: '${oci_core_vcn.gone.id}' } },
      }).map((message) => message.split(':')[0]),
    ).toEqual(['provider.kubernetes', 'module.m', 'output.id', 'local.name']);
  });

  test('fails when depends_on is an expression or names what is not there', () => {
    const [expression, missing, ...others] = faults(
      vcn({ depends_on: ['${oci_core_vcn.main}', 'oci_identity_policy.gone'] }),
    );
    expect(expression).toBe(
      'oci_core_vcn.main: depends_on[0]: expected an address such as oci_core_vcn.main, without ${…}, got "${oci_core_vcn.main}"',
    );
    expect(missing).toContain('depends_on[1]: "oci_identity_policy.gone" refers to oci_identity_policy.gone');
    expect(others).toEqual([]);
  });

  test('fails when blocks depend on each other, with the path of the loop', () => {
    const resource = {
      oci_core_vcn: {
        a: { compartment_id: 'x', display_name: '${local.name}' },
        b: { compartment_id: 'x', depends_on: ['oci_core_vcn.a'] },
      },
    };
    expect(faults({ resource, locals: { name: '${oci_core_vcn.b.id}' } })).toEqual([
      'cycle: oci_core_vcn.a -> local.name -> oci_core_vcn.b -> oci_core_vcn.a',
    ]);
  });

  test('fails when a block refers to itself', () => {
    expect(faults(vcn({ display_name: '${oci_core_vcn.main.id}' }))).toEqual([
      'cycle: oci_core_vcn.main -> oci_core_vcn.main',
    ]);
  });

  test('fails when a provider is configured by what it creates', () => {
    const sections = {
      ...pod({ container: { name: 'a' } }),
      provider: { kubernetes: { host: '${kubernetes_pod_v1.web.id}' } },
    };
    expect(faults(sections)).toEqual(['cycle: kubernetes_pod_v1.web -> provider.kubernetes -> kubernetes_pod_v1.web']);
  });

  test('never prints a sensitive value', () => {
    const [message] = faults({
      data: { oci_identity_regions: { all: {} } },
      provider: { oci: { private_key_password: ['hunter2'] } },
    });
    expect(message).toBe('provider.oci: private_key_password: expected string, got a list');
  });

  test('names the construct when CDKTF wrote its path', () => {
    expect(faults(vcn({ state: 'x', '//': { metadata: { path: 'Prod/Vcn' } } }))[0]).toMatch(
      /^oci_core_vcn.main \(Prod\/Vcn\): /,
    );
  });
});

describe('expectValidTerraform', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'terraform-schema-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function writeStack(name: string, sections: object): string {
    const folder = join(dir, 'stacks', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ ...BASE, ...sections }));
    return folder;
  }

  test('fails when any stack of a cdktf.out has a fault, naming the stack and all faults', () => {
    const good = writeStack('good', vcn({}));
    const bad = writeStack('bad', vcn({ state: 'x', colour: 'y' }));
    expect(() => expectValidTerraform(good)).not.toThrow();
    expect(() => expectValidTerraform(dir)).toThrow(
      /stacks.bad.cdk\.tf\.json has 2 fault\(s\):\n.* state: .*\n.* colour: /,
    );
    expect(() => expectValidTerraform(join(bad, 'cdk.tf.json'))).toThrow('2 fault(s)');
  });

  test('fails when there is nothing to check', () => {
    expect(() => expectValidTerraform(dir)).toThrow('no cdk.tf.json');
  });
});
