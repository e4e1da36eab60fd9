import { TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { resolvedText, sameReference } from '../../../lib/core/references';

test('one variable asked for twice is one reference, two variables are two', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const one = new TerraformVariable(stack, 'one', { type: 'string' });
  const two = new TerraformVariable(stack, 'two', { type: 'string' });
  expect(sameReference(stack, `x-${one.stringValue}`, `x-${one.stringValue}`)).toBe(true);
  expect(sameReference(stack, one.stringValue, two.stringValue)).toBe(false);
  expect(sameReference(stack, 'a', 'a')).toBe(true);
});

test('variables of the same name in two stacks are two, by themselves and inside text', () => {
  const app = Testing.app();
  const [first, second] = ['first', 'second'].map(
    (id) => new TerraformVariable(new TerraformStack(app, id), 'one', { type: 'string' }),
  ) as [TerraformVariable, TerraformVariable];
  const here = TerraformStack.of(first);
  expect(sameReference(here, first.stringValue, second.stringValue)).toBe(false);
  expect(sameReference(here, `x-${first.stringValue}`, `x-${second.stringValue}`)).toBe(false);
  expect(sameReference(here, second.stringValue, second.stringValue)).toBe(true);
});

test('a text can be read as Terraform will, without an output for a reference to another stack', () => {
  const app = Testing.app();
  const [first, second] = ['first', 'second'].map(
    (id) => new TerraformVariable(new TerraformStack(app, id), 'one', { type: 'string' }),
  ) as [TerraformVariable, TerraformVariable];
  const [here, there] = [TerraformStack.of(first), TerraformStack.of(second)];
  expect(resolvedText(here, `a ${first.stringValue} b`)).toBe('a ${var.one} b');
  resolvedText(here, second.stringValue);
  expect(there.node.children.map(({ node }) => node.id)).toEqual(['one']);
});
