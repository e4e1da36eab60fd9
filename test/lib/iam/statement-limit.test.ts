import type { TerraformStack } from 'cdktf';
import { IdentityPolicy } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { compartmentId, reference } from '../fixtures';

const types = (count: number, first = 0) => Array.from({ length: count }, (_, i) => `type-${first + i}`);
const statementsIn = (compartment: string, count: number, first?: number) =>
  types(count, first).map((type) => `Allow group ops to read ${type} in compartment id ${compartment}`);

/** Two policies in one compartment that have this many statements together, and one in another compartment. */
const policies =
  (count: number, compartment = (_: TerraformStack) => compartmentId) =>
  (stack: TerraformStack) => {
    const id = compartment(stack);
    const add = (name: string, statements: string[], inCompartment = id) =>
      new IdentityPolicy(stack, name, { compartmentId: inCompartment, statements });
    add('A', statementsIn(id, 300));
    add('B', statementsIn(id, count - 300, 300));
    add('Other', statementsIn('ocid1.compartment.oc1..other', 399), 'ocid1.compartment.oc1..other');
  };

const warning = (count: number) =>
  `[stack/A] statements: this app puts ${count} into one compartment, where OCI allows 500; those of the compartments above it and below it count too`;

test.each([
  [399, []],
  [400, [warning(400)]],
  [500, [warning(500)]],
])('%i statements in one compartment', (count, warnings) => {
  expect(synth(policies(count)).warnings).toEqual(warnings);
});

test('a reference names one compartment too', () => {
  expect(synth(policies(400, (stack) => reference(stack, 'compartment'))).warnings).toEqual([warning(400)]);
});

test('fails when there are more than 500 in one compartment', () => {
  expect(faultsOf(policies(501))).toEqual([
    '[stack/A] statements: got 501; allowed: at most 500 in one compartment; those of the compartments above it and below it count too; fix: put servers into compartments of their own, or let several share a dynamic group',
  ]);
});
