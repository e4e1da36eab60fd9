import { Client as ModernClient, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { type Era, latestModernVersion } from '../../../gateway-runtime/src/config/versions.js';
import { startGateway } from '../../helpers/gateway-instance.js';
import { type ServerSdk, startPeerServer, stdioServer } from '../../helpers/peer-servers.js';

const capabilities = { elicitation: { form: {} } };
const info = { name: 'peer', version: '1.0.0' };

/** A call: who makes it, after how many milliseconds, and how long it takes to answer what it is asked. */
const call = fc.record({ caller: fc.nat(5), after: fc.nat(30), answerAfter: fc.nat(30) });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A client that answers each question with the mark in it and its own name. */
async function connect(url: string, caller: number, era: Era, delays: Map<string, number>) {
  const mode = era === 'modern' ? { pin: latestModernVersion } : era;
  const client = new ModernClient(info, { capabilities, versionNegotiation: { mode } });
  const heard: string[] = [];
  client.setRequestHandler('elicitation/create', async ({ params: { message } }) => {
    heard.push(message);
    await pause(delays.get(message) ?? 0);
    return { action: 'accept', content: { name: `${message} by ${caller}` } };
  });
  client.fallbackNotificationHandler = async ({ params }) => void heard.push(String(params?.data));
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return { client, heard };
}

/** The client of the second SDK tells of its own rounds as progress. */
const isOwnProgress = (message: string | undefined) => message?.startsWith('Fulfilling input');

const both: readonly Era[] = ['legacy', 'modern'];

describe.each<[ServerSdk, 'http' | 'stdio', readonly Era[]]>([
  ['typescript-1', 'http', both],
  ['typescript-2', 'http', both],
  // A child of the legacy era does not say for which call it asks, and callers without a session may be several.
  ['typescript-1', 'stdio', ['legacy']],
  ['typescript-2', 'stdio', both],
])('a server of %s over %s, with clients of the eras %j', (sdk, transport, eras) => {
  test('never says to one client what is for another', async () => {
    const { command, args } = stdioServer(sdk);
    const connection =
      transport === 'stdio' ? { command, args: [...args] } : { url: `${await startPeerServer(sdk)}/mcp` };
    const gateway = await startGateway({ backends: [{ name: 'sink', namespace_tools: false, ...connection }] });
    await gateway.waitFor('sink', 'connected');
    const delays = new Map<string, number>();
    const clients = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((caller) => connect(gateway.url, caller, eras[caller % eras.length] as Era, delays)),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 24 }), async (calls) => {
        round++;
        for (const { heard } of clients) heard.length = 0;
        const answers = await Promise.all(
          calls.map(async ({ caller, after, answerAfter }, index) => {
            const { client, heard } = clients[caller] as (typeof clients)[number];
            const mark = `${round}/${index} of ${caller}`;
            delays.set(mark, answerAfter);
            await pause(after);
            const params = {
              name: 'mark',
              arguments: { mark },
              _meta: { 'io.modelcontextprotocol/logLevel': 'debug' },
            };
            const onprogress = ({ message }: { message?: string }) => {
              if (!isOwnProgress(message)) heard.push(String(message));
            };
            const { content } = await client.callTool(params, { onprogress });
            return { caller, mark, answer: JSON.parse((content as { text: string }[])[0]?.text as string) };
          }),
        );
        for (const { caller, mark, answer } of answers) {
          expect(answer).toEqual({ action: 'accept', content: { name: `${mark} by ${caller}` } });
        }
        for (const [caller, { heard }] of clients.entries()) {
          const own = answers.filter((answer) => answer.caller === caller).map(({ mark }) => mark);
          expect(heard.filter((mark) => !mark.endsWith(` of ${caller}`))).toEqual([]);
          expect(heard).toEqual(expect.arrayContaining(own));
        }
      }),
      { numRuns: 12 },
    );
    await Promise.all(clients.map(({ client }) => client.close()));
  });
});
