import * as z from 'zod';
import { knownNames, quote } from './faults.js';
import { optional, strict } from './field.js';

const wholeNumber = (most: number) => {
  const expected = `a whole number from 1 to ${most}`;
  return optional(z.int({ error: expected }).min(1, { error: expected }).max(most, { error: expected }));
};

const LimitSchema = strict({
  calls_per_minute: wholeNumber(1_000_000).describe('Calls that may begin in a minute, evenly spread'),
  burst: wholeNumber(1_000_000).describe(
    'Calls that may begin at once after a pause; without it, as many as calls_per_minute allows in ten seconds, at least 1',
  ),
  concurrency: wholeNumber(100_000).describe('Calls that may be in flight at once'),
}).superRefine(({ calls_per_minute, burst, concurrency }, context) => {
  if (calls_per_minute === undefined && concurrency === undefined) {
    context.addIssue('limits nothing; set calls_per_minute, concurrency or both');
  }
  if (burst !== undefined && calls_per_minute === undefined) {
    const message = 'is only used with calls_per_minute; set that or remove the field';
    context.addIssue({ code: 'custom', path: ['burst'], message });
  }
});

/** How many calls there may be. */
export type Limit = z.output<typeof LimitSchema>;

const limit = '{ calls_per_minute, burst, concurrency }';

const byName = (what: string) =>
  z.record(z.string().min(1, { error: `the ${what}` }), LimitSchema, { error: `an object of ${what}: ${limit}` });

/** How much callers may ask of the gateway, of its tools and of its backends. */
export const LimitsSchema = strict({
  client: optional(LimitSchema).describe('Calls of each caller, counted for himself'),
  tools: byName('name of a tool, in which * stands for any characters')
    .default({})
    .describe(
      'Calls of all callers together, by the name of the tools that clients see: all that a name matches share one limit',
    ),
  backends: byName('name of a backend')
    .default({})
    .describe('Calls of all callers together to one backend, by its name: tools, prompts, resources and completions'),
});

/** How much callers may ask, checked and with every default filled in. */
export type Limits = z.output<typeof LimitsSchema>;

/** Calls that a limit lets begin at once after a pause. */
export function burstOf({ calls_per_minute = 0, burst }: Limit): number {
  return burst ?? Math.max(1, Math.floor(calls_per_minute / 6));
}

/** Limits of backends that nobody has: they would hold nothing back. */
export function* limitFaults({
  backends,
  limits,
}: {
  readonly backends: readonly { readonly name: string }[];
  readonly limits?: Pick<Limits, 'backends'>;
}): Generator<{ path: string[]; message: string }> {
  const known = backends.map(({ name }) => name);
  for (const name of Object.keys(limits?.backends ?? {}).filter((each) => !known.includes(each))) {
    const message = `no backend is named ${quote(name)}; ${knownNames(known)}`;
    yield { path: ['limits', 'backends', name], message };
  }
}
