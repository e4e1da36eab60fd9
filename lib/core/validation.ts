import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

/** One mistake in a construct's props, told so that it can be mended without reading the source. */
export interface PropFault {
  /** The prop at fault, with its path inside the props: `autoscaling.maxReplicas`. */
  readonly prop: string;
  /** The value got. It is printed: pass a description in place of anything that may be a secret. */
  readonly got: unknown;
  /** The values allowed, in words. */
  readonly allowed: string;
  /** What to change. @default - nothing beyond what `allowed` says */
  readonly fix?: string;
}

const recorders = new WeakMap<IConstruct, string[]>();

/**
 * Records a fault on a construct. Nothing is thrown at once: synthesizing reports every fault of a stack in one message,
 * each behind the path of its construct, and writes nothing.
 *
 * @example
 * reportFault(this, { prop: 'port', got: 0, allowed: 'a whole number from 1 to 65535' });
 * // [Prod/Logs] port: got 0; allowed: a whole number from 1 to 65535
 */
export function reportFault(scope: IConstruct, fault: PropFault): void {
  const message = describeFault(fault);
  const recorded = recorders.get(scope);
  if (recorded === undefined) {
    const messages = [message];
    recorders.set(scope, messages);
    scope.node.addValidation({ validate: () => messages });
  } else if (!recorded.includes(message)) {
    recorded.push(message);
  }
}

/** The text of a fault, for a validation that can only be decided when everything is known. */
export function describeFault(fault: PropFault): string {
  const fix = fault.fix === undefined ? '' : `; fix: ${fault.fix}`;
  return `${fault.prop}: got ${display(fault.got)}; allowed: ${fault.allowed}${fix}`;
}

/** Reports `value` unless it is a whole number within the bounds. Tokens and `undefined` pass. */
export function checkInteger(
  scope: IConstruct,
  prop: string,
  value: number | undefined,
  bounds: { readonly min: number; readonly max?: number },
): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  const tooLarge = bounds.max !== undefined && value > bounds.max;
  if (Number.isInteger(value) && value >= bounds.min && !tooLarge) return;
  const range = bounds.max === undefined ? `of at least ${bounds.min}` : `from ${bounds.min} to ${bounds.max}`;
  reportFault(scope, { prop, got: value, allowed: `a whole number ${range}` });
}

/** Reports `value` unless it is a number within the bounds, fractions included. Tokens and `undefined` pass. */
export function checkNumber(
  scope: IConstruct,
  prop: string,
  value: number | undefined,
  bounds: { readonly min: number; readonly max: number },
): void {
  if (value === undefined || Token.isUnresolved(value)) return;
  if (value >= bounds.min && value <= bounds.max) return;
  reportFault(scope, { prop, got: value, allowed: `a number from ${bounds.min} to ${bounds.max}` });
}

/** Reports a TCP port outside 1 to 65535. Tokens and `undefined` pass. */
export function checkPort(scope: IConstruct, prop: string, value: number | undefined): void {
  checkInteger(scope, prop, value, { min: 1, max: 65535 });
}

/** Reports the name of an environment variable that no shell could set. Tokens pass. */
export function checkVariableName(scope: IConstruct, prop: string, name: string): void {
  checkPattern(scope, prop, name, {
    pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
    allowed: 'names of letters, digits and underscores, no digit first',
  });
}

/** Reports `value` unless it is one of `allowed`. Tokens and `undefined` pass. */
export function checkOneOf<T>(scope: IConstruct, prop: string, value: T | undefined, allowed: readonly T[]): void {
  if (value === undefined || Token.isUnresolved(value) || allowed.includes(value)) return;
  reportFault(scope, { prop, got: value, allowed: `one of ${allowed.join(', ')}` });
}

/** Reports `value` unless `pattern` matches it. Tokens and `undefined` pass. */
export function checkPattern(
  scope: IConstruct,
  prop: string,
  value: string | undefined,
  rule: { readonly pattern: RegExp; readonly allowed: string; readonly fix?: string },
): void {
  if (value === undefined || Token.isUnresolved(value) || rule.pattern.test(value)) return;
  reportFault(scope, { prop, got: value, allowed: rule.allowed, fix: rule.fix });
}

function display(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  return JSON.stringify(typeof value === 'string' ? withoutCredentials(value) : value);
}

/** A URL without the parts that may hold a secret: user, password, query and fragment. Any other text is unchanged. */
function withoutCredentials(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  return text.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
}
