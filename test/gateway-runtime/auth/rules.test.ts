import fc from 'fast-check';
import { createPolicy } from '../../../gateway-runtime/src/auth/policy.js';
import type { AccessRule, ToolRule } from '../../../gateway-runtime/src/config/access-rules.js';
import {
  admittingScopes,
  type ConfigError,
  type GatewayConfigInput,
  parseGatewayConfig,
  withBroader,
} from '../../../gateway-runtime/src/config/index.js';
import type { Decision, Identity, Target } from '../../../gateway-runtime/src/contracts/identity.js';
import type { JsonObject } from '../../../gateway-runtime/src/contracts/json-rpc.js';

const policyOf = (config: GatewayConfigInput) => createPolicy(parseGatewayConfig(config));

const caller = (scopes: readonly string[], claims?: JsonObject): Identity => ({
  key: 'k',
  clientId: 'c',
  scopes: new Set(scopes),
  claims,
});

const tool = (name: string, more: Partial<Target> = {}): Target => ({ kind: 'tool', names: [name], ...more });

function decide(rules: Record<string, ToolRule>, who: Identity, target: Target): Decision {
  return policyOf({ auth: { tool_scopes: rules as never } }).decide(who, target);
}

describe('a rule that is an object', () => {
  const finance = { claims: { department: ['finance', 'hr'], admin: ['true'] } };

  test.each<[string, ToolRule, string[], JsonObject | undefined, string | undefined]>([
    ['all of, one missing', { all_of: ['a', 'b'] }, ['a'], undefined, 'needs b'],
    ['all of and any of', { all_of: ['a'], any_of: ['b', 'c'] }, ['a', 'c'], undefined, undefined],
    ['all of and any of, none of these', { all_of: ['a'], any_of: ['b', 'c'] }, ['a'], undefined, 'needs b or c'],
    ['claims, all there', finance, [], { department: 'hr', admin: true }, undefined],
    ['claims, one value of several', finance, [], { department: ['it', 'hr'], admin: true }, undefined],
    ['claims, another value', finance, ['*'], { department: 'it', admin: true }, 'an accepted claim "department"'],
    ['claims, one missing', finance, ['*'], { department: 'hr' }, 'an accepted claim "admin"'],
    ['claims, none at all', finance, ['*'], undefined, 'an accepted claim "department"'],
    ['claims and scopes, only claims', { ...finance, all_of: ['a'] }, [], { department: 'hr', admin: true }, 'needs a'],
    ['claims that every object has', { claims: { constructor: ['x'] } }, ['*'], {}, 'claim "constructor"'],
  ])('%s', (_, rule, scopes, claims, reason) => {
    const decision = decide({ x: rule }, caller(scopes, claims), tool('x'));
    if (reason === undefined) expect(decision).toEqual({ allowed: true, rule: 'tool_scopes.x' });
    else expect(decision).toMatchObject({ allowed: false, reason: expect.stringContaining(reason) });
  });

  test('no scope makes up for a claim, so none is asked for', () => {
    const refusal = decide({ x: { ...finance, all_of: ['a'] } }, caller([]), tool('x'));
    expect(refusal).toEqual({
      allowed: false,
      rule: 'tool_scopes.x',
      reason: 'needs a token with an accepted claim "department"',
    });
  });

  test.each<[string, Record<string, ToolRule>, boolean | undefined, string[], string | undefined]>([
    ['a tool that reads', { '*': { read: ['r'], write: ['w'] } }, true, ['r'], undefined],
    ['a tool that writes', { '*': { read: ['r'], write: ['w'] } }, false, ['r'], 'needs w'],
    ['a tool that says nothing', { '*': { read: ['r'], write: ['w'] } }, undefined, ['r'], 'needs w'],
    ['what all need comes first', { '*': { all_of: ['a'], write: ['w'] } }, false, [], 'needs a, w'],
    ['what all need is enough for the rest', { '*': { all_of: ['a'], write: ['w'] } }, true, ['a'], undefined],
    ['alternatives of members join', { '*': { any_of: ['a'], read: { any_of: ['r'] } } }, true, ['r'], undefined],
    ['a rule for reading releases nothing that writes', { '*': { read: [] } }, false, ['*'], 'is released to nobody'],
    ['a rule for writing releases nothing that reads', { '*': { write: [] } }, true, ['*'], 'is released to nobody'],
    ['an opened member', { '*': { read: [] } }, true, [], undefined],
  ])('by annotations: %s', (_, rules, isReadOnly, scopes, reason) => {
    // Its name says something else, which counts for nothing.
    const decision = decide(rules, caller(scopes), tool('get_and_delete', { isReadOnly }));
    expect(decision.allowed).toBe(reason === undefined);
    if (reason !== undefined) expect(decision).toMatchObject({ reason: expect.stringContaining(reason) });
  });
});

test('a decision names every member of the configuration that made it', () => {
  const policy = policyOf({
    auth: {
      required_scopes: ['mcp'],
      tool_scopes: { '*': [], 'logs_*': { any_of: ['logs'], write: ['w'] } },
      prompt_scopes: { greet: ['p'] },
    },
    backends: [{ name: 'logs', url: 'https://logs.example', required_scopes: ['b'] }],
    views: { ops: { required_scopes: ['v'] } },
    gateway_tools: { enabled: true, required_scopes: ['g'] },
  });
  const all = caller(['*']);
  const ofLogs = { backend: 'logs', view: 'ops' };
  const everything = 'tool_scopes.logs_*, tool_scopes.logs_*.write, tool_scopes.*, backends.logs.required_scopes, ';
  expect(policy.decide(all, tool('logs_x', ofLogs))).toEqual({
    allowed: true,
    rule: `${everything}views.ops.required_scopes, required_scopes`,
  });
  expect(policy.decide(caller([]), tool('logs_x', ofLogs))).toEqual({
    allowed: false,
    rule: `${everything}views.ops.required_scopes, required_scopes`,
    reason: 'needs mcp, v, b, w, logs',
    scopes: ['mcp', 'v', 'b', 'w', 'logs'],
  });
  expect(policy.decide(all, tool('gateway_health'))).toMatchObject({
    rule: 'tool_scopes.*, gateway_tools.required_scopes, required_scopes',
  });
  expect(policy.decide(all, { kind: 'prompt', names: ['other'] })).toMatchObject({
    rule: 'prompt_scopes',
    reason: 'is released to nobody: no rule of prompt_scopes matches it',
  });
  expect(policy.decide(all, { kind: 'resource', names: ['note://a'] })).toEqual({
    allowed: true,
    rule: 'required_scopes',
  });
});

test('the same list of names is decided anew for another view, another backend and another annotation', () => {
  const policy = policyOf({
    auth: { tool_scopes: { '*': { write: ['w'], read: [] } } },
    backends: [
      { name: 'a', url: 'https://a.example', required_scopes: ['a'] },
      { name: 'b', url: 'https://b.example' },
    ],
    views: { v: { required_scopes: ['v'] }, open: {} },
  });
  const names = ['x'];
  const missing = (more: Partial<Target>) => {
    const decision = policy.decide(caller([]), { kind: 'tool', names, ...more });
    return decision.allowed ? [] : decision.scopes;
  };
  for (let round = 0; round < 2; round++) {
    expect(missing({ isReadOnly: true, backend: 'b' })).toEqual([]);
    expect(missing({ isReadOnly: false, backend: 'b' })).toEqual(['w']);
    expect(missing({ isReadOnly: true, backend: 'a' })).toEqual(['a']);
    expect(missing({ isReadOnly: true, backend: 'a', view: 'v' })).toEqual(['v', 'a']);
    expect(missing({ isReadOnly: true, backend: 'a', view: 'open' })).toEqual(['a']);
    expect(missing({ kind: 'prompt', backend: 'b' })).toEqual([]);
  }
});

test('a broad scope passes for the narrow ones, which callers are told to ask for', () => {
  const policy = policyOf({
    auth: {
      tool_scopes: { x: ['logs:read', 'db'], y: { any_of: ['logs:write'] } },
      required_scopes: ['mcp'],
      scope_hierarchy: { admin: ['logs', 'mcp'], logs: ['logs:read', 'logs:write'], root: ['*'] },
    },
  });
  expect(policy.missingIn({}, caller(['admin']))).toEqual([]);
  expect(policy.missingIn({}, caller(['logs']))).toEqual(['mcp']);
  expect(policy.decide(caller(['admin', 'db']), tool('x')).allowed).toBe(true);
  expect(policy.decide(caller(['admin']), tool('y')).allowed).toBe(true);
  expect(policy.decide(caller(['root']), tool('x')).allowed).toBe(true);
  expect(policy.decide(caller(['logs:read', 'mcp', 'db']), tool('y'))).toMatchObject({ scopes: ['mcp', 'logs:write'] });
  expect(policy.decide(caller(['admin']), tool('x'))).toMatchObject({
    reason: 'needs db',
    scopes: ['mcp', 'logs:read', 'db'],
  });
});

test('where nobody is asked who he is, nothing is asked for', () => {
  const policy = policyOf({ auth: { enabled: false, tool_scopes: { x: ['a'] }, required_scopes: ['mcp'] } });
  expect(policy.decide(caller([]), tool('y'))).toEqual({ allowed: true, rule: 'auth.enabled' });
  expect(policy.requiredIn({})).toEqual([]);
});

const faultsOf = (config: object): string[] => {
  try {
    parseGatewayConfig(config);
    return [];
  } catch (error) {
    return (error as ConfigError).message.split('\n');
  }
};

test.each<[object, RegExp]>([
  [{ tool_scopes: { x: {} } }, /^auth.tool_scopes.x: asks for nothing; to open what it names, say \[\]$/],
  [{ tool_scopes: { x: { all_of: [] } } }, /^auth.tool_scopes.x.all_of: expected at least one scope, got an empty/],
  [{ tool_scopes: { x: { claims: {} } } }, /^auth.tool_scopes.x.claims: name at least one claim$/],
  [{ tool_scopes: { x: { claims: { scope: ['a'] } } } }, /claims.scope: is not compared here; all_of and any_of say/],
  [{ tool_scopes: { x: { claims: { exp: ['1'] } } } }, /claims.exp: is not compared here; times are always checked/],
  [
    { tool_scopes: { x: { read: { write: ['a'] } } } },
    /^auth.tool_scopes.x.read.write: unknown field; known ones: all_of, any_of, claims$/,
  ],
  [
    { tool_scopes: { x: { all_of: ['a'], deny: ['b'] } } },
    /^auth.tool_scopes.x.deny: unknown field; known ones: all_of, any_of/,
  ],
  [
    { prompt_scopes: { x: { read: ['a'] } } },
    /^auth.prompt_scopes.x.read: unknown field; known ones: all_of, any_of, claims$/,
  ],
  [{ resource_scopes: { '': ['a'] } }, /^auth.resource_scopes.*expected the URI of a resource, in which \*/],
  [
    { scope_hierarchy: { a: ['b'], b: ['c'], c: ['a'] } },
    /^auth.scope_hierarchy.a: "a" comes to hold itself; remove it/,
  ],
  [{ scope_hierarchy: { a: ['a'] } }, /^auth.scope_hierarchy.a: "a" comes to hold itself/],
  [{ scope_hierarchy: { a: [] } }, /^auth.scope_hierarchy.a: expected at least one scope/],
])('rules %j are a fault', (auth, expected) => {
  expect(faultsOf({ auth })[0]).toMatch(expected);
});

const scope = fc.constantFrom('a', 'b', 'c', 'd');
const some = fc.uniqueArray(scope, { minLength: 1, maxLength: 2 });
const demands = fc.record({ all_of: some, any_of: some, claims: fc.constant({ team: ['x'] }) }, { requiredKeys: [] });
const isSaying = (rule: object) => Object.keys(rule).length > 0;
const accessRule: fc.Arbitrary<AccessRule> = fc.oneof(fc.uniqueArray(scope), demands.filter(isSaying));
const toolRule: fc.Arbitrary<ToolRule> = fc.oneof(
  accessRule,
  fc
    .tuple(demands, fc.record({ read: accessRule, write: accessRule }, { requiredKeys: [] }))
    .map(([common, members]) => ({ ...common, ...members }))
    .filter(isSaying),
);
const pattern = fc.constantFrom('*', 'x', 'x*', '*y', 'xy');
const config = fc.record({
  tool_scopes: fc.dictionary(pattern, toolRule),
  prompt_scopes: fc.dictionary(pattern, accessRule),
  scope_hierarchy: fc.constantFrom<Record<string, string[]>>({}, { d: ['a', 'b'] }, { d: ['c'], c: ['a'] }),
});
const target = fc.record({ kind: fc.constantFrom('tool' as const, 'prompt' as const), isReadOnly: fc.boolean() });
const claims = fc.constantFrom<JsonObject | undefined>(undefined, { team: 'x' }, { team: ['y'] });

test('whatever the rules are: what a caller is told to ask for is enough, and more scopes never close anything', () => {
  fc.assert(
    fc.property(config, target, fc.uniqueArray(scope), scope, claims, (auth, asked, held, one, claimed) => {
      const policy = policyOf({ auth: auth as never });
      const about: Target = { ...asked, names: ['xy'] };
      const decision = policy.decide(caller(held, claimed), about);
      if (decision.allowed) {
        expect(policy.decide(caller([...held, one], claimed), about).allowed).toBe(true);
        expect(policy.isReleased(about)).toBe(true);
      } else if (decision.scopes) {
        expect(policy.decide(caller(decision.scopes, claimed), about).allowed).toBe(true);
      } else {
        expect(policy.decide(caller(['*'], claimed), about).allowed).toBe(false);
      }
    }),
    { numRuns: 1000 },
  );
});

test('whatever the rules are: nobody gets a tool without one of the scopes that let callers in', () => {
  fc.assert(
    fc.property(config, target, fc.uniqueArray(scope), claims, (auth, asked, held, claimed) => {
      const admitting = withBroader(admittingScopes(auth), auth.scope_hierarchy);
      const hasRules = Object.keys(asked.kind === 'tool' ? auth.tool_scopes : auth.prompt_scopes).length > 0;
      if (admitting.length === 0 || !hasRules || held.some((each) => admitting.includes(each))) return;
      const policy = policyOf({ auth: auth as never });
      expect(policy.decide(caller(held, claimed), { ...asked, names: ['xy'] }).allowed).toBe(false);
    }),
    { numRuns: 1000 },
  );
});
