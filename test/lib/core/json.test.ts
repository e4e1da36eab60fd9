import { Lazy, TerraformOutput, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { jsonTemplate } from '../../../lib/core/json';

/** What Terraform would be given for `value`, as one template string. */
function render(make: (reference: TerraformVariable) => unknown): string {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const variable = new TerraformVariable(stack, 'address', { type: 'string' });
  new TerraformOutput(stack, 'out', { value: Lazy.stringValue({ produce: () => jsonTemplate(make(variable)) }) });
  return JSON.parse(Testing.synth(stack)).output.out.value;
}

test('text known at synth stays readable JSON', () => {
  const value = { name: 'logs', on: true, port: 8000, none: null, list: ['a "quoted" one', 1.5], skipped: undefined };
  expect(JSON.parse(render(() => value))).toEqual({ ...value, skipped: undefined });
});

test('a string with a reference is encoded by Terraform itself', () => {
  expect(render((ip) => ({ url: `http://${ip.stringValue}:8000/mcp` }))).toBe(
    '{"url":${jsonencode("http://${var.address}:8000/mcp")}}',
  );
});

test('a number that is a reference stays a number', () => {
  expect(render((port) => ({ port: port.numberValue }))).toBe('{"port":${jsonencode(var.address)}}');
});

test('quotes beside a reference are escaped', () => {
  expect(render((ip) => ({ note: `say "${ip.stringValue}"` }))).toBe(
    '{"note":${jsonencode(join("", ["say \\"", var.address, "\\""]))}}',
  );
});

test('template openers in literal text are escaped, so the gateway receives them', () => {
  expect(render(() => ({ token: '${DOCS_TOKEN}', more: '%{if}' }))).toBe('{"token":"$${DOCS_TOKEN}","more":"%%{if}"}');
});
