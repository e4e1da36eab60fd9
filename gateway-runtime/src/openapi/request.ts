import type { JsonObject } from '../contracts/json-rpc.js';
import { bodyOf, type WrittenBody } from './body.js';
import { argumentOf } from './inputs.js';
import type { OperationMethod, Parameter, ParameterPlace } from './operation.js';
import { encodeText, pairs, written } from './styles.js';
import type { Tool } from './tool.js';
import { WrongArguments } from './wrong-arguments.js';

/** A request that carries out an operation. */
export interface ServiceRequest extends Partial<WrittenBody> {
  readonly method: OperationMethod;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
}

/** Makes requests of what callers say: always to the host, and below the path, of the backend's url. */
export class RequestMaker {
  readonly #base: URL;

  constructor(base: URL) {
    this.#base = base;
  }

  /** @throws {WrongArguments} with all that is wrong */
  make(tool: Tool, values: JsonObject): ServiceRequest {
    const faults: string[] = [];
    const parts: Record<ParameterPlace, Map<string, string>> = {
      ...{ path: new Map(), query: new Map(), header: new Map(), cookie: new Map() },
    };
    let body: WrittenBody | undefined;
    for (const { argument, parameter } of tool.inputs) {
      const value = argumentOf(values, argument) ?? undefined;
      const described = parameter ?? tool.operation.body;
      if (value === undefined) {
        if (described?.isRequired) faults.push(`${argument} is missing`);
        continue;
      }
      try {
        if (parameter) parts[parameter.place].set(parameter.name, writtenParameter(parameter, value));
        else if (tool.operation.body) body = bodyOf(tool.operation.body, value);
      } catch (error) {
        if (!(error instanceof WrongArguments)) throw error;
        faults.push(error.message);
      }
    }
    const known = new Set(tool.inputs.map(({ argument }) => argument));
    const unknown = Object.keys(values).filter((name) => !known.has(name));
    if (unknown.length > 0)
      faults.push(`${unknown.map(quoted).join(', ')} cannot be given; allowed: ${[...known].join(', ') || 'nothing'}`);
    if (faults.length > 0) throw new WrongArguments(faults.join('; '));
    const { method, path } = tool.operation;
    return {
      method,
      url: this.#urlOf(path, parts.path, [...parts.query.values()]),
      headers: headersOf(parts.header, parts.cookie, body),
      ...(body && { body: body.body }),
    };
  }

  #urlOf(template: string, path: ReadonlyMap<string, string>, query: readonly string[]): URL {
    const filled = template.replace(/\{([^{}]+)\}/g, (_, name: string) => path.get(name) ?? '');
    if (filled.split('/').some(leadsUpwards)) throw new WrongArguments('the arguments would lead to another path');
    const base = this.#base.pathname.replace(/\/$/, '');
    const url = new URL(this.#base);
    url.pathname = base + filled;
    // Parameters made of the members of an object have whatever names a caller gives them.
    const settled = query
      .flatMap((part) => part.split('&'))
      .map(nameIn)
      .find((name) => this.#base.searchParams.has(name));
    if (settled !== undefined) throw new WrongArguments(`${quoted(settled)} is a parameter that cannot be given`);
    const all = [this.#base.search.slice(1), ...query].filter((part) => part !== '');
    url.search = all.join('&');
    // Whatever was overlooked above ends here.
    if (url.origin !== this.#base.origin || !url.pathname.startsWith(`${base}/`)) {
      throw new WrongArguments('the arguments would lead to another path');
    }
    return url;
  }
}

function writtenParameter(parameter: Parameter, value: unknown): string {
  const { name, place } = parameter;
  if (place === 'query' || place === 'cookie')
    return pairs(name, value, parameter).join(place === 'query' ? '&' : '; ');
  if (place === 'header')
    return headerValue(
      name,
      written(name, value, parameter, (text) => text),
    );
  return written(name, value, parameter, (text) => pathText(name, text));
}

/** What stands in the path may not be, or end up as, a way out of its place: servers decode what was encoded. */
function pathText(name: string, text: string): string {
  if (text === '') throw new WrongArguments(`${name} is empty, and is part of the path`);
  if (/\p{Cc}/u.test(text)) throw new WrongArguments(`${name} holds control characters, and is part of the path`);
  if (text.split(/[/\\]/).some((part) => /^\.{1,2}(;|$)/.test(part))) {
    throw new WrongArguments(`${name} leads upwards ("." or ".."), and is part of the path`);
  }
  return encodeText(text);
}

function leadsUpwards(segment: string): boolean {
  return /^(\.|%2e){1,2}(;|$)/i.test(segment);
}

function headerValue(name: string, text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) {
    throw new WrongArguments(`${name} is sent in a header, which holds nothing but ASCII letters, digits and signs`);
  }
  return text.trim();
}

function headersOf(
  header: ReadonlyMap<string, string>,
  cookie: ReadonlyMap<string, string>,
  body: WrittenBody | undefined,
): Record<string, string> {
  const named = [...header].map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    ...Object.fromEntries(named),
    ...(cookie.size > 0 && { cookie: [...cookie.values()].join('; ') }),
    ...(body && { 'content-type': body.contentType }),
    accept: 'application/json, text/*;q=0.8, */*;q=0.5',
  };
}

function nameIn(pair: string): string {
  return decodeURIComponent(pair.slice(0, pair.indexOf('=')));
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}
