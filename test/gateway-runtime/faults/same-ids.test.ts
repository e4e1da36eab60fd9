import { join } from 'node:path';
import { startGateway, type TestGateway } from '../../helpers/gateway-instance.js';
import { type LoadClient, loadClient } from '../../helpers/gateway-load.js';
import { startModernServer } from '../../helpers/gateway-modern-servers.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';

const fixture = (name: string) => ({ command: process.execPath, args: [join(__dirname, '../fixtures', name)] });

const atOnce = 100;

/** Calls in one session. 10,000 of them take more than a minute, most of it in the servers. */
const inOneSession = Number(process.env.SAME_ID_CALLS ?? 4000);

const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

let gateway: TestGateway;
let stateless: TestGateway;
const clients: LoadClient[] = [];

beforeAll(async () => {
  const [legacy, modern] = [await startHttpServer('legacy', { json: true }), await startModernServer('modern')];
  const backends = [
    { name: 'legacy', url: legacy.url },
    { name: 'modern', url: modern.url },
    { name: 'child', ...fixture('stdio-server.mjs') },
    { name: 'modernchild', ...fixture('modern-stdio-server.mjs') },
  ];
  gateway = await startGateway({ backends });
  stateless = await startGateway({ backends, stateless: true });
  for (const { waitFor } of [gateway, stateless]) {
    for (const { name } of backends) await waitFor(name, 'connected');
  }
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await Promise.all([gateway?.close(), stateless?.close()]);
});

const answered: Record<string, (text: string) => string> = {
  legacy: (text) => `legacy: ${text}`,
  modern: (text) => `modern: ${text}`,
  child: (text) => `stdio: ${text}`,
  modernchild: (text) => text,
};

/** Ways for a client to send the same id over and over, and how often each is tried. */
const fronts: [string, number, () => Promise<(name: string, text: string) => Promise<string>>][] = [
  [
    'in one session',
    inOneSession,
    async () => {
      const client = clientOf(gateway);
      const session = await client.begin();
      return async (name, text) => (await client.post(call({ name, arguments: { text } }), session)).text;
    },
  ],
  [
    'without sessions',
    1000,
    async () => {
      const client = clientOf(stateless);
      return async (name, text) => (await client.post(call({ name, arguments: { text } }))).text;
    },
  ],
  [
    'of the modern era',
    1000,
    async () => {
      const client = clientOf(gateway);
      return async (name, text) => {
        const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
        return (await client.post(call({ name, arguments: { text }, _meta: modernMeta }), headers)).text;
      };
    },
  ],
];

function clientOf({ url }: TestGateway): LoadClient {
  const client = loadClient(url, atOnce);
  clients.push(client);
  return client;
}

const call = (params: object) => ({ jsonrpc: '2.0', id: 7, method: 'tools/call', params });

test.each(fronts)(
  'calls with the same id %s, %i of them: none lost, none crossed',
  async (_, calls, open) => {
    const send = await open();
    const names = Object.keys(answered);
    const wrong: [text: string, answer: string][] = [];
    let next = 0;
    const worker = async () => {
      while (next < calls) {
        const text = `${next++}`;
        const name = names[Number(text) % names.length] as string;
        const body = await send(`${name}_echo`, text);
        const { id, result } = JSON.parse(body) as { id: number; result?: { content: { text: string }[] } };
        if (id !== 7 || result?.content[0]?.text !== answered[name]?.(text)) wrong.push([text, body]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    expect(next).toBe(calls);
    expect(wrong).toEqual([]);
  },
  240_000,
);
