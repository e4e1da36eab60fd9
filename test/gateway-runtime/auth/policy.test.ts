import fc from 'fast-check';
import { createPolicy } from '../../../gateway-runtime/src/auth/policy.js';
import type { ToolRule } from '../../../gateway-runtime/src/config/access-rules.js';
import { admittingScopes, matchesTool, parseGatewayConfig } from '../../../gateway-runtime/src/config/index.js';
import type { AccessPolicy, Identity } from '../../../gateway-runtime/src/contracts/identity.js';

type Rules = Record<string, ToolRule>;

const policyOf = (tool_scopes: Rules, required_scopes: string[] = []) =>
  createPolicy(parseGatewayConfig({ auth: { tool_scopes: tool_scopes as never, required_scopes } }));

const caller = (...scopes: string[]) => ({ key: 'k', clientId: 'c', scopes: new Set(scopes) });

function refusalOf(policy: AccessPolicy, identity: Identity, tool: string) {
  const decision = policy.decide(identity, { kind: 'tool', names: [tool] });
  return decision.allowed ? undefined : decision;
}

describe('the pattern of a rule', () => {
  test.each([
    ['logs_search', 'logs_search', true],
    ['logs_search', 'logs_search2', false],
    ['logs_search', 'Logs_search', false],
    ['*', 'anything', true],
    ['logs_*', 'logs_search', true],
    ['logs_*', 'logs_', true],
    ['logs_*', 'xlogs_search', false],
    ['*_delete', 'logs_delete', true],
    ['*_delete', 'logs_delete_all', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*bc*c', 'abc', false],
    ['a**c', 'abc', true],
    ['logs.search', 'logs_search', false],
    ['logs_[a-z]*', 'logs_search', false],
  ])('%s for the tool %s: %s', (pattern, tool, matches) => {
    expect(matchesTool(pattern, tool)).toBe(matches);
  });

  test('means what the regular expression means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '_'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (pattern, tool) => {
        expect(matchesTool(pattern, tool)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(tool));
      }),
    );
  });

  test('takes no time that grows with its stars', () => {
    const started = performance.now();
    expect(matchesTool(`${'*a'.repeat(200)}b`, 'a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(200);
  });
});

describe('rules of tools', () => {
  const grants: Rules = { 'logs_*': { any_of: ['logs'] }, logs_search: { any_of: ['search'] } };

  test.each<[string, Rules, string, string[], string | undefined]>([
    ['no rule at all', {}, 'x', [], undefined],
    ['a scope of a list is missing', { x: ['a', 'b'] }, 'x', ['a'], 'needs b'],
    ['all scopes of a list', { x: ['a', 'b'] }, 'x', ['b', 'a'], undefined],
    ['lists add up: one is missing', { '*': ['a'], x: ['b'] }, 'x', ['b'], 'needs a'],
    ['lists add up: all there', { '*': ['a'], x: ['b'] }, 'x', ['a', 'b'], undefined],
    ['an open rule opens no tool that another narrows', { '*': [], x: ['b'] }, 'x', [], 'needs b'],
    ['an open rule opens the rest', { '*': [], x: ['b'] }, 'y', [], undefined],
    ['the wider grant is enough', grants, 'logs_search', ['logs'], undefined],
    ['the narrower grant is enough', grants, 'logs_search', ['search'], undefined],
    ['neither grant', grants, 'logs_search', ['other'], 'needs search or logs'],
    ['the narrower grant gives nothing else', grants, 'logs_tail', ['search'], 'needs logs'],
    ['a grant and a list, only the grant held', { ...grants, '*_search': ['x'] }, 'logs_search', ['logs'], 'needs x'],
    ['a grant and a list, neither held', { ...grants, '*_tail': ['x'] }, 'logs_tail', [], 'needs x, logs'],
    ['a grant and a list, both held', { ...grants, '*_tail': ['x'] }, 'logs_tail', ['x', 'logs'], undefined],
    ['the scope for everything', grants, 'logs_tail', ['*'], undefined],
    ['no rule for the tool', grants, 'db_query', ['*'], 'is released to nobody: no rule of tool_scopes matches it'],
    ['a tool named like a member of every object', grants, 'constructor', ['*'], 'is released to nobody: no rule'],
  ])('%s', (_, rules, tool, scopes, reason) => {
    const refusal = refusalOf(policyOf(rules), caller(...scopes), tool);
    if (reason === undefined) expect(refusal).toBeUndefined();
    else expect(refusal?.reason).toMatch(reason);
  });

  test.each<[string, Rules, string, string[], string[] | undefined]>([
    ['everything that a list needs', { x: ['a', 'b'] }, 'x', ['a'], ['mcp', 'a', 'b']],
    ['the narrowest alternative', grants, 'logs_search', [], ['mcp', 'search']],
    ['the alternative held', { ...grants, '*': ['w'] }, 'logs_search', ['logs'], ['mcp', 'w', 'logs']],
    ['nothing, where no scope would help', grants, 'db_query', [], undefined],
  ])('a caller is told to ask for %s', (_, rules, tool, scopes, asked) => {
    expect(refusalOf(policyOf(rules, ['mcp']), caller(...scopes), tool)?.scopes).toEqual(asked);
  });

  test('what a caller is told to ask for is enough', () => {
    const scope = fc.constantFrom('a', 'b', 'c', 'd');
    const rule = fc.oneof(
      fc.uniqueArray(scope),
      fc.uniqueArray(scope, { minLength: 1 }).map((any_of) => ({ any_of })),
    );
    const rules = fc.dictionary(fc.constantFrom('*', 'x', 'x*', '*y', 'xy'), rule);
    fc.assert(
      fc.property(rules, fc.uniqueArray(scope), (rules, held) => {
        const policy = policyOf(rules as Rules);
        const refusal = refusalOf(policy, caller(...held), 'xy');
        if (refusal?.scopes) expect(refusalOf(policy, caller(...refusal.scopes), 'xy')).toBeUndefined();
        expect(policy.isReleased({ kind: 'tool', names: ['xy'] })).toBe(
          refusal === undefined || refusal.scopes !== undefined,
        );
      }),
    );
  });
});

test.each<[string, { required_scopes?: string[]; tool_scopes?: Rules }, string[]]>([
  ['nothing is asked for', {}, []],
  ['everybody needs a scope', { required_scopes: ['mcp'], tool_scopes: { x: ['a'] } }, ['mcp']],
  ['every tool needs one', { tool_scopes: { x: ['a', 'b'], y: { any_of: ['b', 'c'] } } }, ['a', 'b', 'c']],
  ['some tool needs none', { tool_scopes: { x: ['a'], '*': [] } }, []],
])('the scopes that let a caller in, when %s', (_, auth, scopes) => {
  expect(admittingScopes(auth)).toEqual(scopes);
});

test.each<[Rules, { enabled: boolean; required_scopes?: string[] }, string[]]>([
  [{ x: ['a'] }, { enabled: true, required_scopes: ['ops'] }, ['a', 'ops']],
  [{ x: ['a'] }, { enabled: true, required_scopes: [] }, []],
  [{ x: ['a'] }, { enabled: false }, ['a']],
  [{}, { enabled: true, required_scopes: ['ops'] }, []],
])('rules %j and tools of the gateway %j let in %j', (tool_scopes, gatewayTools, scopes) => {
  expect(admittingScopes({ tool_scopes }, gatewayTools)).toEqual(scopes);
});
