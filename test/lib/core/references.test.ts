import { TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { sameReference } from '../../../lib/core/references';

test('one variable asked for twice is one reference, two variables are two', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const one = new TerraformVariable(stack, 'one', { type: 'string' });
  const two = new TerraformVariable(stack, 'two', { type: 'string' });
  expect(sameReference(stack, `x-${one.stringValue}`, `x-${one.stringValue}`)).toBe(true);
  expect(sameReference(stack, one.stringValue, two.stringValue)).toBe(false);
  expect(sameReference(stack, 'a', 'a')).toBe(true);
});
