import type { Schema } from './api.js';
import { element } from './dom.js';

/** A form for arguments. */
export interface ArgumentsForm {
  readonly fields: HTMLElement;
  /** What was entered. @throws {Error} with the name of a field that is not JSON */
  read(): Record<string, unknown>;
}

let lastField = 0;

/** Fields for what a schema asks for; what is not simple is entered as JSON. */
export function argumentsForm(schema: Schema): ArgumentsForm {
  const properties = Object.entries(schema.properties ?? {});
  const fields = properties.map(([name, property]) => field(name, property, schema.required?.includes(name) === true));
  return {
    fields: element('div', { class: 'fields' }, ...fields.map(({ label }) => label)),
    read: () => Object.fromEntries(fields.flatMap(({ name, value }) => entry(name, value()))),
  };
}

function entry(name: string, value: unknown): [string, unknown][] {
  return value === undefined ? [] : [[name, value]];
}

interface Field {
  readonly name: string;
  readonly label: HTMLElement;
  /** Undefined where nothing was entered. */
  value(): unknown;
}

function field(name: string, schema: Schema, isRequired: boolean): Field {
  const id = `field-${++lastField}`;
  const [control, value] = controlFor(name, schema, { id, required: isRequired, 'aria-describedby': `${id}-about` });
  const label = element(
    'div',
    { class: 'field' },
    element('label', { for: id }, `${schema.title ?? name}${isRequired ? ' (required)' : ''}`),
    control,
    element('p', { id: `${id}-about` }, schema.description ?? ''),
  );
  return { name, label, value };
}

type Attributes = Record<string, string | boolean>;

function controlFor(name: string, schema: Schema, attributes: Attributes): [HTMLElement, () => unknown] {
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  if (schema.enum) {
    const options = ['', ...schema.enum.map((value) => JSON.stringify(value))];
    const select = element('select', attributes, ...options.map((value) => element('option', { value }, value)));
    return [select, () => (select.value === '' ? undefined : JSON.parse(select.value))];
  }
  if (type === 'boolean') {
    const options = ['', 'true', 'false'].map((value) => element('option', { value }, value));
    const select = element('select', attributes, ...options);
    return [select, () => (select.value === '' ? undefined : select.value === 'true')];
  }
  if (type === 'integer' || type === 'number') {
    const input = element('input', { ...attributes, type: 'number', step: type === 'integer' ? '1' : 'any' });
    return [input, () => (input.value === '' ? undefined : Number(input.value))];
  }
  if (type === 'string') {
    const area = element('textarea', { ...attributes, rows: '2' });
    return [area, () => (area.value === '' && !area.required ? undefined : area.value)];
  }
  const area = element('textarea', { ...attributes, rows: '4', placeholder: 'JSON', class: 'json' });
  return [area, () => (area.value.trim() === '' ? undefined : parsed(name, area.value))];
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}
