import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, type GatewayConfig, parseGatewayConfig } from 'oci-mcp-gateway/config';
import { JsonFileReader } from '../../gateway-runtime/src/loading/json-file';
import type { Block, SynthesizedJson } from './synth';

/** What Terraform knows at apply, by expression: `{ 'var.port': 9000 }`. What is not listed becomes `reference.example`, with https where it is a URL. */
export type Values = { readonly [expression: string]: unknown };

/** The gateway's configuration as its process reads it after an apply, in an environment without variables. */
export function renderedConfig(stack: SynthesizedJson, values: Values = {}): GatewayConfig {
  const folder = mkdtempSync(join(tmpdir(), 'rendered-config-'));
  const reader = new JsonFileReader({});
  const read = (name: string, content: string): Block => {
    writeFileSync(join(folder, name), content);
    return reader.read(join(folder, name)) as Block;
  };
  try {
    const { 'gateway.json': settings = '', ...files } = renderedFiles(stack, values);
    const backends = Object.entries(files).map(([name, content]) => read(name, content));
    const config = { ...read('gateway.json', settings), backends };
    if (reader.faults.length > 0) throw new ConfigError(reader.faults);
    return parseGatewayConfig(config);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The gateway's files by name, from its ConfigMaps, the volumes of a Container Instance, or the variables of an application. */
export function renderedFiles({ resources }: SynthesizedJson, values: Values = {}): { [fileName: string]: string } {
  const maps = resources('kubernetes_config_map_v1').flatMap(({ data }) => Object.entries<string>(data ?? {}));
  const plain = maps.map(([name, template]) => [name, String(evaluate(template, values))]);
  const volumes = resources('oci_container_instances_container_instance').flatMap((instance) => instance['volumes']);
  const configs = volumes.flatMap((volume: Block) => volume['configs'] ?? []);
  const encoded = configs.map(({ file_name, data }: Block) => [file_name, fromBase64(String(evaluate(data, values)))]);
  const applications = hostedTypes.flatMap((type) => resources(type));
  const variables = applications.flatMap((application) => application['environment_variables']);
  const files = variables.filter(({ name }: Block) => /^MCP_GATEWAY_\w+_FILES$/.test(name));
  const hosted = files.flatMap(({ value }: Block) => filesInVariable(JSON.parse(String(evaluate(value, values)))));
  return Object.fromEntries([...plain, ...encoded, ...hosted]);
}

const hostedTypes = ['oci_generative_ai_hosted_application', 'oci_generative_ai_hosted_application_iam'];

function filesInVariable(variable: string): string[][] {
  return Object.entries<object>(JSON.parse(variable)).map(([name, content]) => [name, JSON.stringify(content)]);
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

/** Evaluates the part of Terraform's template language that the library renders. */
export function evaluate(template: string, values: Values = {}): unknown {
  const { value, rest } = readTemplate(template, values, '');
  if (rest !== '') throw new Error(`cannot evaluate ${rest}`);
  return value;
}

interface Read {
  readonly value: unknown;
  readonly rest: string;
}

/** Text with interpolations up to `end`, in which a backslash escapes when `end` is a quote. */
function readTemplate(text: string, values: Values, end: '"' | ''): Read {
  const parts: unknown[] = [];
  let rest = text;
  while (rest !== '' && !(end && rest.startsWith(end))) {
    if (/^[$%][$%]\{/.test(rest)) {
      parts.push(rest.slice(1, 3));
      rest = rest.slice(3);
    } else if (rest.startsWith('${')) {
      const inner = readExpression(rest.slice(2), values);
      parts.push(inner.value);
      rest = skip(inner.rest, '}');
    } else if (end && rest.startsWith('\\')) {
      parts.push(JSON.parse(`"${rest.slice(0, 2)}"`));
      rest = rest.slice(2);
    } else {
      parts.push(rest[0]);
      rest = rest.slice(1);
    }
  }
  return { value: parts.length === 1 ? parts[0] : parts.join(''), rest };
}

function readExpression(text: string, values: Values): Read {
  if (text.startsWith('"')) {
    const { value, rest } = readTemplate(text.slice(1), values, '"');
    return { value, rest: skip(rest, '"') };
  }
  if (text.startsWith('[')) return readList(text.slice(1), values, ']');
  const call = /^(\w+)\(/.exec(text);
  if (call?.[1] !== undefined) {
    const { value, rest } = readList(text.slice(call[0].length), values, ')');
    return { value: apply(call[1], value as unknown[]), rest };
  }
  const reference = /^[a-z][\w-]*(\.[\w-]+|\[\d+\])*/.exec(text)?.[0];
  if (reference === undefined) throw new Error(`cannot evaluate ${text}`);
  return { value: values[reference] ?? unlisted(reference), rest: text.slice(reference.length) };
}

/** An attribute that is called after a URL is most likely one. */
function unlisted(reference: string): string {
  return /(url|endpoint)$/.test(reference) ? 'https://reference.example' : 'reference.example';
}

function readList(text: string, values: Values, end: string): Read {
  const items: unknown[] = [];
  let rest = text;
  while (!rest.startsWith(end)) {
    const item = readExpression(rest, values);
    items.push(item.value);
    rest = item.rest.replace(/^,\s*/, '');
  }
  return { value: items, rest: skip(rest, end) };
}

function apply(name: string, args: readonly unknown[]): unknown {
  if (name === 'jsonencode') return JSON.stringify(args[0]);
  if (name === 'base64encode') return Buffer.from(String(args[0])).toString('base64');
  if (name === 'replace') return replaced(args.map(String));
  if (name === 'trimprefix') return String(args[0]).replace(String(args[1]), '');
  if (name === 'join') return (args[1] as unknown[]).join(String(args[0]));
  throw new Error(`${name} is not a function that the library renders`);
}

/** As Terraform's: what stands between slashes is a regular expression. */
function replaced([text = '', wanted = '', substitute = '']: readonly string[]): string {
  const pattern = /^\/(.*)\/$/s.exec(wanted)?.[1];
  return text.replaceAll(pattern === undefined ? wanted : new RegExp(pattern, 'g'), substitute);
}

function skip(text: string, expected: string): string {
  if (!text.startsWith(expected)) throw new Error(`expected ${expected} before ${text}`);
  return text.slice(expected.length);
}
