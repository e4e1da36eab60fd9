import fc from 'fast-check';
import { matchesTool, parseGatewayConfig } from 'oci-mcp-gateway/config';
import { createPolicy } from '../../../gateway-runtime/src/auth/policy';
import { toolsOf } from '../../../lib/report/client-tools';

const all = (tool: string, ...scopes: string[]) => ({ tool, scopes, anyOf: false });
const any = (tool: string, ...scopes: string[]) => ({ tool, scopes, anyOf: true });

test.each([
  [[any('logs_*', 'logs'), all('logs_delete', 'admin')], ['logs'], ['logs_*'], ['logs_delete']],
  [[any('logs_*', 'logs'), any('logs_delete', 'admin')], ['logs'], ['logs_*', 'logs_delete'], []],
  [[any('logs_*', 'logs'), all('*_delete', 'admin')], ['logs'], ['logs_*'], ['*_delete']],
  [[any('logs_*', 'logs'), all('db_*', 'admin')], ['logs'], ['logs_*'], []],
  [[all('*', 'mcp'), any('logs_*', 'logs')], ['logs'], [], []],
  [[all('*', 'mcp'), any('logs_*', 'logs')], ['mcp'], ['*'], ['logs_*']],
  [[{ ...all('logs_*', 'logs'), access: 'read' as const }], ['logs'], [], []],
  [[all('*', 'logs'), { ...all('*_delete', 'w'), access: 'write' as const }], ['logs'], ['*'], ['*_delete']],
  [[{ ...all('logs_*', 'logs'), claims: ['team'] }], ['logs'], [], []],
])('of %j the scopes %j open %j but %j', (rules, held, tools, except) => {
  expect(toolsOf(rules, held)).toEqual({ tools, except });
});

test('nothing is shown that the gateway refuses', () => {
  const names = ['a', 'b', 'ab', 'ba', 'aab', 'abb', 'aba'];
  const scopes = fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1, maxLength: 2 });
  const pattern = fc.constantFrom(...names, '*', 'a*', '*a', '*b', 'a*b', '*b*');
  const rule = fc.record(
    {
      tool: pattern,
      scopes,
      anyOf: fc.boolean(),
      access: fc.constantFrom('read' as const, 'write' as const),
      claims: fc.constant(['team']),
    },
    { requiredKeys: ['tool', 'scopes', 'anyOf'] },
  );
  const rules = fc.uniqueArray(rule, { selector: ({ tool }) => tool, minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rules, scopes, (rules, held) => {
      const tool_scopes = Object.fromEntries(
        rules.map(({ tool, scopes, anyOf, access, claims }) => {
          const needed = { [anyOf ? 'any_of' : 'all_of']: scopes, ...(claims && { claims: { team: ['red'] } }) };
          return [tool, access ? { [access]: needed } : needed];
        }),
      );
      const policy = createPolicy(parseGatewayConfig({ auth: { tool_scopes } }));
      const { tools, except } = toolsOf(rules, held);
      const isShown = (name: string) =>
        tools.some((each) => matchesTool(each, name)) && !except.some((each) => matchesTool(each, name));
      const client = { key: 'client', clientId: 'client', scopes: new Set(held) };
      for (const name of names.filter(isShown)) {
        for (const isReadOnly of [true, false]) {
          expect(policy.decide(client, { kind: 'tool', names: [name], isReadOnly }).allowed).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});
