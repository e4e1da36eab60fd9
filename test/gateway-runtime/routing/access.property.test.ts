import fc from 'fast-check';
import { startGateway } from '../../helpers/gateway-instance.js';
import { type OfferingServer, startOffering } from '../../helpers/gateway-offering.js';

const hints = { none: undefined, yes: { readOnlyHint: true }, no: { readOnlyHint: false } };

const tools = ['x', 'xy', 'y'].flatMap((name) =>
  Object.entries(hints).map(([hint, annotations]) => ({
    name: `${name}_${hint}`,
    inputSchema: { type: 'object' as const },
    annotations,
  })),
);
const prompts = ['x', 'xy', 'y'];
const resources = ['n://x', 'n://xy', 'n://y'];

const scope = fc.constantFrom('a', 'b', 'c');
const list = fc.uniqueArray(scope, { maxLength: 2 });
const some = fc.uniqueArray(scope, { minLength: 1, maxLength: 2 });
const demands = fc.oneof(
  fc.record({ all_of: some }),
  fc.record({ any_of: some }),
  fc.constant({ claims: { team: ['red'] } }),
);
const rule = fc.oneof(list, demands);
const toolRule = fc.oneof(
  rule,
  fc.record({ read: rule }),
  fc.record({ write: rule }),
  fc.record({ read: rule, write: rule }),
);
const pattern = fc.constantFrom('*', '*x*', '*y*', '*xy*', 'n_x_*');
const rules = fc.record({
  tool_scopes: fc.dictionary(pattern, toolRule, { maxKeys: 3 }),
  prompt_scopes: fc.dictionary(pattern, rule, { maxKeys: 2 }),
  resource_scopes: fc.dictionary(pattern, rule, { maxKeys: 2 }),
  scope_hierarchy: fc.constantFrom<Record<string, string[]>>({}, { c: ['a'] }),
});

let server: OfferingServer;

beforeAll(async () => {
  server = await startOffering('n', { tools, prompts, resources });
});

afterAll(() => server?.close());

/** Which of these somebody can use. */
async function usable(names: readonly string[], use: (name: string) => Promise<unknown>): Promise<string[]> {
  const used = await Promise.all(
    names.map((name) =>
      use(name).then(
        () => true,
        (error) => {
          expect(String(error)).toMatch(/needs|is released to nobody/);
          return false;
        },
      ),
    ),
  );
  return names.filter((_, index) => used[index]);
}

test('whatever the rules, the annotations and the caller are: what is listed can be used, and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(rules, list, list, async (auth, held, required_scopes) => {
      const gateway = await startGateway({
        backends: [{ name: 'n', url: server.url, required_scopes }],
        auth: { ...(auth as object), static_tokens: { ada: { client_id: 'ada', scopes: held } } },
        enable_audit_log: false,
        log_level: 'ERROR',
      });
      try {
        await gateway.waitFor('n', 'connected');
        const client = await gateway.connect({ requestInit: { headers: { authorization: 'Bearer ada' } } });
        const shown = {
          tools: (await client.listTools()).tools.map(({ name }) => name),
          prompts: (await client.listPrompts()).prompts.map(({ name }) => name),
          resources: (await client.listResources()).resources.map(({ uri }) => uri),
        };
        const own = (name: string) => `n_${name}`;
        expect({
          tools: await usable(
            tools.map(({ name }) => own(name)),
            (name) => client.callTool({ name }),
          ),
          prompts: await usable(prompts.map(own), (name) => client.getPrompt({ name })),
          resources: await usable(resources, (uri) => client.readResource({ uri })),
        }).toEqual(shown);
      } finally {
        await gateway.close();
      }
    }),
    { numRuns: 40 },
  );
}, 30_000);
