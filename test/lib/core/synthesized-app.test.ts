import { CoreSubnet } from '@cdktf/provider-oci/lib/core-subnet';
import { CoreVcn } from '@cdktf/provider-oci/lib/core-vcn';
import { DataOciCoreVnic } from '@cdktf/provider-oci/lib/data-oci-core-vnic';
import { Fn, Lazy, TerraformStack, Testing } from 'cdktf';
import { blocksAt, isReference, literalOf, SynthesizedApp, textAt, textsOf } from '../../../lib/core/synthesized-app';
import { compartmentId } from '../fixtures';

function makeStack(id = 'stack', app = Testing.app()): TerraformStack {
  return new TerraformStack(app, id);
}

test('resources are read as they are synthesized, with the construct that made them', () => {
  const stack = makeStack();
  const vcn = new CoreVcn(stack, 'Vcn', { compartmentId, displayName: 'before' });
  vcn.addOverride('display_name', 'after');
  stack.addOverride('resource.oci_core_vcn.Raw', { compartment_id: compartmentId });
  new DataOciCoreVnic(stack, 'Vnic', { vnicId: 'ocid1.vnic.oc1..example' });
  const app = SynthesizedApp.of(vcn);
  expect(app.resources('oci_core_vcn', 'oci_core_subnet')).toMatchObject([
    { address: 'oci_core_vcn.Raw', construct: stack, arguments: { compartment_id: compartmentId } },
    { address: 'oci_core_vcn.Vcn', construct: vcn, arguments: { display_name: 'after' } },
  ]);
  expect(app.dataSources('oci_core_vnic').map(({ address }) => address)).toEqual(['data.oci_core_vnic.Vnic']);
});

test('references are followed, inside of other text and functions too', () => {
  const stack = makeStack();
  const vcn = new CoreVcn(stack, 'Vcn', { compartmentId });
  const vnic = new DataOciCoreVnic(stack, 'Vnic', { vnicId: 'ocid1.vnic.oc1..example' });
  new CoreSubnet(stack, 'Subnet', {
    compartmentId,
    vcnId: vcn.id,
    displayName: `http://${vnic.privateIpAddress}:8000/${Fn.lower(vcn.id)}`,
    cidrBlock: '10.0.0.0/24',
  });
  const app = SynthesizedApp.of(stack);
  const [subnet] = app.resources('oci_core_subnet');
  const made = (argument: string) =>
    subnet && app.referencesOf(subnet.stack, subnet.arguments[argument]).map(({ construct }) => construct);
  expect(made('vcn_id')).toEqual([vcn]);
  expect(made('display_name')).toEqual([vnic, vcn]);
  expect(made('cidr_block')).toEqual([]);
  expect(made('missing')).toEqual([]);
});

test('references into another stack are followed to what they mean there', () => {
  const app = Testing.app();
  const [one, two] = [makeStack('one', app), makeStack('two', app)];
  const vcn = new CoreVcn(one, 'Vcn', { compartmentId });
  new CoreVcn(two, 'Vcn', { compartmentId });
  new CoreSubnet(two, 'Subnet', { compartmentId, vcnId: vcn.id });
  for (const stack of [one, two]) stack.prepareStack();
  const synthesized = SynthesizedApp.of(app);
  const [subnet] = synthesized.resources('oci_core_subnet');
  expect(subnet && synthesized.referenceOf(subnet.stack, subnet.arguments['vcn_id'])?.construct).toBe(vcn);
});

test('a stack that cannot be rendered is left out, and fails by itself', () => {
  const app = Testing.app();
  const broken = makeStack('broken', app);
  const fail = () => {
    throw new Error('cannot be rendered');
  };
  new CoreVcn(broken, 'Vcn', { compartmentId: Lazy.stringValue({ produce: fail }) });
  makeStack('whole', app);
  expect(SynthesizedApp.of(app).stacks.map(({ stack }) => stack.node.id)).toEqual(['whole']);
  expect(() => Testing.synth(broken)).toThrow('cannot be rendered');
});

test('blocks are found whether there is one or a list of them', () => {
  expect(blocksAt({ spec: { rule: [{ a: 1 }, { a: 2 }] } }, 'spec', 'rule')).toEqual([{ a: 1 }, { a: 2 }]);
  expect(blocksAt({ spec: [{ rule: { a: 1 } }] }, 'spec', 'rule')).toEqual([{ a: 1 }]);
  expect(blocksAt({ spec: 'text' }, 'spec', 'rule')).toEqual([]);
  const dynamic = { rule: { for_each: '${var.rules}', content: { a: 3, dynamic: { part: { content: { b: 4 } } } } } };
  expect(blocksAt({ spec: { rule: { a: 1 }, dynamic } }, 'spec', 'rule')).toMatchObject([{ a: 1 }, { a: 3 }]);
  expect(blocksAt({ spec: { dynamic } }, 'spec', 'rule', 'part')).toEqual([{ b: 4 }]);
  expect(textAt({ spec: [{ count: 1 }, { name: 'b' }] }, 'spec', 'name')).toBe('b');
  expect(textAt(undefined, 'name')).toBeUndefined();
});

test('texts are told with the arguments that lead to them', () => {
  expect(textsOf({ a: [{ b: 'c' }, 'd'], e: 1 })).toEqual([
    { path: ['a', 'b'], text: 'c' },
    { path: ['a'], text: 'd' },
  ]);
});

test('a text is a reference where nothing else stands in it', () => {
  const texts = ['${var.a}', '${jsonencode({ a = "${var.b}" })}', '${var.a}${var.b}', '${var.a} b ${var.c}', 'a', ''];
  expect(texts.map((text) => isReference(text))).toEqual([true, true, true, false, false, false]);
});

test('literal text is what stands outside of references', () => {
  const text = 'a/${lower("${var.b}")}:{1}${var.c}$';
  expect(literalOf(text)).toBe('a/…:{1}…$');
  expect(literalOf(text, '')).toBe('a/:{1}$');
});
