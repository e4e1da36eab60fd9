import { isUtf8 } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import { headerOf } from '../outgoing/http-answer.js';
import { fitting } from './lenient-schema.js';
import { isJsonType, isTextType } from './operation.js';
import type { ServiceAnswer } from './service-answer.js';
import type { Tool } from './tool.js';

/** Bytes that a client is handed in base64, which models cannot read and clients hold in memory several times. */
const mostBinary = 4 * 1024 * 1024;

/** Bytes of what a service says of an error. */
const mostOfError = 8 * 1024;

/** The result of tools/call that an answer makes. */
export function resultOf(answer: ServiceAnswer, tool: Tool): JsonObject {
  if (answer.stream) {
    answer.stream.end();
    return failure('the service answered with a stream of events, which a tool cannot hand on');
  }
  const encoding = headerOf(answer, 'content-encoding') ?? 'identity';
  if (encoding !== 'identity') return failure(`the service compressed its answer (${encoding.slice(0, 20)}) unasked`);
  if (answer.status >= 300) return failure(errorText(answer));
  const type = typeOf(answer);
  if (answer.body.length === 0) return withStructure(tool, [text(statusText(answer))]);
  if (isJsonType(type)) return jsonResult(answer, tool);
  if (isTextType(type) || (type === '' && isUtf8(answer.body))) return withStructure(tool, [text(decoded(answer))]);
  return binaryResult(answer, type || 'application/octet-stream', tool);
}

function jsonResult(answer: ServiceAnswer, tool: Tool): JsonObject {
  const json = decoded(answer);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return withStructure(tool, [text(json)]);
  }
  return withStructure(tool, [text(json)], isObject(value) ? value : undefined);
}

/** Clients refuse a result without structure of a tool that promises one. */
function withStructure({ outputSchema }: Tool, content: JsonObject[], value?: JsonObject): JsonObject {
  if (outputSchema) return { content, structuredContent: fitting(value ?? {}, outputSchema) };
  return { content, ...(value && { structuredContent: value }) };
}

function binaryResult({ body }: ServiceAnswer, mimeType: string, tool: Tool): JsonObject {
  if (body.length > mostBinary) {
    return failure(`the service answered with ${body.length} bytes of ${mimeType}; ${mostBinary} can be handed on`);
  }
  const data = body.toString('base64');
  const [kind] = mimeType.split('/');
  if (kind === 'image' || kind === 'audio') return withStructure(tool, [{ type: kind, data, mimeType }]);
  const resource = { uri: `openapi:${tool.name}`, mimeType, blob: data };
  return withStructure(tool, [{ type: 'resource', resource }]);
}

/** A redirect is told and not followed: it might lead to anybody, with the credentials of the backend. */
function errorText(answer: ServiceAnswer): string {
  const { status, body } = answer;
  const type = typeOf(answer);
  const isRedirect = status < 400;
  const later = headerOf(answer, 'retry-after');
  const notes = [
    isRedirect ? 'the service redirects elsewhere, which is not followed' : undefined,
    later && /^[\x20-\x7e]{1,40}$/.test(later) ? `retry after ${later}` : undefined,
  ].filter((note) => note !== undefined);
  const first = [statusText(answer), ...notes].join('; ');
  const isReadable = body.length > 0 && (isJsonType(type) || isTextType(type) || (type === '' && isUtf8(body)));
  if (isRedirect || !isReadable) return first;
  const said = decoded({ ...answer, body: body.subarray(0, mostOfError) });
  return `${first}\n${said}${body.length > mostOfError ? '…' : ''}`;
}

function statusText({ status }: ServiceAnswer): string {
  const reason = STATUS_CODES[status];
  return reason ? `HTTP ${status} ${reason}` : `HTTP ${status}`;
}

function typeOf(answer: ServiceAnswer): string {
  const [type = ''] = (headerOf(answer, 'content-type') ?? '').toLowerCase().split(';');
  return /^[\w.+-]+\/[\w.+-]+$/.test(type.trim()) ? type.trim() : '';
}

function decoded(answer: ServiceAnswer): string {
  const [, charset = 'utf-8'] = /charset="?([\w-]+)/i.exec(headerOf(answer, 'content-type') ?? '') ?? [];
  try {
    return new TextDecoder(charset).decode(answer.body);
  } catch {
    return answer.body.toString('utf8');
  }
}

function text(content: string): JsonObject {
  return { type: 'text', text: content };
}

/** A result that tells the model what went wrong. */
export function failure(message: string): JsonObject {
  return { content: [text(message)], isError: true };
}
