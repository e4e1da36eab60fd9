import { Lazy, TerraformOutput, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { base64Json, jsonTemplate, quotedJson } from '../../../lib/core/json';
import { evaluate } from '../../helpers/rendered-config';

/** What Terraform would be given for `value`, as one template string. */
function render(make: (reference: TerraformVariable) => unknown, toTemplate = jsonTemplate): string {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const variable = new TerraformVariable(stack, 'address', { type: 'string' });
  new TerraformOutput(stack, 'out', { value: Lazy.stringValue({ produce: () => toTemplate(make(variable)) }) });
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

test('a number that is a reference keeps its place inside text', () => {
  expect(render((port) => ({ url: `http://10.0.0.7:${port.numberValue}/mcp` }))).toBe(
    '{"url":${jsonencode("http://10.0.0.7:${var.address}/mcp")}}',
  );
});

test.each([
  ['JSON', jsonTemplate, (text: string) => text],
  ['Base64', base64Json, (text: string) => Buffer.from(text, 'base64').toString()],
])('in %s, text that is a number alone stays text', (_, toTemplate, decode) => {
  const rendered = render((port) => ({ PORT: `${port.numberValue}` }), toTemplate);
  expect(decode(String(evaluate(rendered, { 'var.address': 90 })))).toBe('{"PORT":"90"}');
});

test('Base64 is made of the same JSON, with Terraform encoding what holds a reference', () => {
  expect(render((ip) => ({ url: `http://${ip.stringValue}/` }), base64Json)).toBe(
    '${base64encode(join("", ["{\\"url\\":", jsonencode(join("", ["http://", var.address, "/"])), "}"]))}',
  );
});

const awkward = 'say "hi" to ${x} and %{if}, $${y}\n in C:\\temp';

test.each([
  ['beside a reference', (address: TerraformVariable) => ({ note: `${awkward} ${address.stringValue}` })],
  ['alone', () => ({ note: `${awkward} mcp` })],
  ['around a number', (address: TerraformVariable) => ({ list: [awkward, `${awkward} ${address.numberValue}`] })],
])('awkward text %s comes out as it went in', (_, make) => {
  const values = { 'var.address': 'mcp' };
  const expected = make({ stringValue: 'mcp', numberValue: 'mcp' } as unknown as TerraformVariable);
  expect(JSON.parse(String(evaluate(render(make), values)))).toEqual(expected);
  const quoted = JSON.parse(String(evaluate(render(make, quotedJson), values)));
  expect(JSON.parse(quoted)).toEqual(expected);
  const base64 = String(evaluate(render(make, base64Json), values));
  expect(JSON.parse(Buffer.from(base64, 'base64').toString())).toEqual(expected);
});
