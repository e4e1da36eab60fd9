import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { TerraformOutput, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { regionOf } from '../../../lib/core/region';

/** The region as Terraform sees it, asked for between two steps. */
function region(before: (stack: TerraformStack) => void, after: (stack: TerraformStack) => void = () => {}): string {
  const stack = new TerraformStack(Testing.app(), 'stack');
  before(stack);
  new TerraformOutput(stack, 'out', { value: `a.${regionOf(new Construct(stack, 'Logs'))}.b` });
  after(stack);
  return JSON.parse(Testing.synth(stack, true)).output.out.value;
}

test('is what the provider says', () => {
  expect(region((stack) => new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' }))).toBe('a.eu-frankfurt-1.b');
});

test('may be a reference', () => {
  const provider = (stack: TerraformStack) =>
    new OciProvider(stack, 'Oci', { region: new TerraformVariable(stack, 'region', { type: 'string' }).stringValue });
  expect(region(provider)).toBe('a.${var.region}.b');
});

test('is found when the provider is made later', () => {
  expect(
    region(
      () => {},
      (stack) => new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' }),
    ),
  ).toBe('a.eu-frankfurt-1.b');
});

test('is that of the provider which the stack uses, and of no other', () => {
  expect(
    region((stack) => {
      new OciProvider(stack, 'Home', { alias: 'home', region: 'us-ashburn-1' });
      new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
    }),
  ).toBe('a.eu-frankfurt-1.b');
});

test('fails at synth where the provider leaves it to its environment', () => {
  expect(() => region((stack) => new OciProvider(stack, 'Oci', {}))).toThrow(
    '[stack/Logs] region: got "an OCI provider that takes its region from the environment"',
  );
});
