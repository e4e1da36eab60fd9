import { randomBytes } from 'node:crypto';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { formWriting, type RequestBody } from './operation.js';
import { isFile } from './schema-writer.js';
import { pairs } from './styles.js';
import { WrongArguments } from './wrong-arguments.js';

/** A body as it is sent. */
export interface WrittenBody {
  readonly body: string | Buffer;
  readonly contentType: string;
}

/** Writes the body of a request. @throws {WrongArguments} */
export function bodyOf(body: RequestBody, value: unknown): WrittenBody {
  switch (body.kind) {
    case 'json':
      return { body: JSON.stringify(value), contentType: body.mediaType };
    case 'form':
      return { body: formOf(body, membersOf(value)), contentType: body.mediaType };
    case 'multipart':
      return multipartOf(body, membersOf(value));
    case 'text':
      if (typeof value !== 'string') throw new WrongArguments('body is to be a text');
      return { body: value, contentType: body.mediaType };
    case 'binary':
      return { body: bytesOf('body', value), contentType: body.mediaType };
  }
}

function membersOf(value: unknown): [string, unknown][] {
  if (!isObject(value)) throw new WrongArguments('body is to be an object, whose members are the fields of a form');
  return Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
}

/** What has parts that a form cannot tell apart is written as JSON. */
function formOf({ fields }: RequestBody, members: [string, unknown][]): string {
  return members
    .flatMap(([name, value]) => {
      const writing = fields.get(name) ?? formWriting;
      const isNested = isObject(value) && writing === formWriting;
      return pairs(name, value, isNested || hasParts(value) ? { ...writing, isJson: true } : writing);
    })
    .join('&');
}

function hasParts(value: unknown): boolean {
  return Array.isArray(value) && value.some((item) => typeof item === 'object' && item !== null);
}

/** https://www.rfc-editor.org/rfc/rfc7578 */
function multipartOf({ schema }: RequestBody, members: [string, unknown][]): WrittenBody {
  const boundary = `part-${randomBytes(16).toString('hex')}`;
  const described = isObject(schema) && isObject(schema.properties) ? schema.properties : {};
  const parts = members.flatMap(([name, value]) => {
    const field = Object.hasOwn(described, name) ? described[name] : undefined;
    const items = Array.isArray(value) ? value : [value];
    return items.map((item) => partOf(name, item, isObject(field) ? field : {}));
  });
  const lines = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part, Buffer.from('\r\n')]);
  return {
    body: Buffer.concat([...lines, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function partOf(name: string, value: unknown, field: JsonObject): Buffer {
  const item = isObject(field.items) ? field.items : field;
  const named = `content-disposition: form-data; name="${inQuotes(name)}"`;
  if (isFile(item)) {
    const type = typeof item.contentMediaType === 'string' ? item.contentMediaType : 'application/octet-stream';
    const head = `${named}; filename="${inQuotes(name)}"\r\ncontent-type: ${type.replace(/[^\x21-\x7e]/g, '')}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), bytesOf(`body.${name}`, value)]);
  }
  if (typeof value !== 'object') return Buffer.from(`${named}\r\n\r\n${String(value)}`);
  return Buffer.from(`${named}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(value)}`);
}

/** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function inQuotes(name: string): string {
  return name.replace(/[\r\n"]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function bytesOf(name: string, value: unknown): Buffer {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
    throw new WrongArguments(`${name} is to be bytes in base64`);
  }
  return Buffer.from(value, 'base64');
}
