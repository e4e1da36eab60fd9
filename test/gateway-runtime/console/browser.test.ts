import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { describeChromium, startBrowser } from '../../helpers/chromium.js';
import { type CliGateway, startCli } from '../../helpers/gateway-cli.js';
import { makeDirectory, type TestDirectory } from '../../helpers/gateway-directory.js';
import { until } from '../../helpers/gateway-instance.js';
import { makeIssuerKey } from '../../helpers/gateway-jwt.js';
import { loadClient } from '../../helpers/gateway-load.js';

const images = join(__dirname, '../../../docs/images');
const views = ['topology', 'backends', 'tools', 'sessions', 'audit', 'metrics', 'configuration'];
const axe = require.resolve('axe-core/axe.min.js');
const program = join(__dirname, '../fixtures/console-server.mjs');
const server = (name: string) => ({ name, transport: 'stdio', command: process.execPath, args: [program, name] });

describeChromium('the console in a browser', () => {
  let directory: TestDirectory;
  let gateway: CliGateway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let token: string;
  const asked: string[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    directory = makeDirectory();
    const { publicKey, privateKey } = await makeIssuerKey();
    const claims = new SignJWT({ client_id: 'ada', scope: 'operations' }).setProtectedHeader({ alg: 'RS256' });
    token = await claims
      .setSubject('ada')
      .setIssuer('https://id.example')
      .setAudience('mcp')
      .setExpirationTime('1h')
      .sign(privateKey);
    const config = {
      name: 'acme-gateway',
      auth: { jwt_public_key: publicKey, jwt_issuer: 'https://id.example', jwt_audience: 'mcp' },
      console: { required_scopes: ['operations'] },
      backends: [
        server('logs'),
        server('forecast'),
        { ...server('legacy'), args: [join(directory.path, 'nothing-here.mjs')], env: { API_KEY: 'a-secret' } },
      ],
    };
    gateway = await startCli(['--config', directory.write('gateway.json', config)]);
    await until(
      async () => (await (await fetch(`${gateway.origin}/ready`)).text()).match(/"connected"/g)?.length === 2,
      'backends',
    );
    await callTools();
    browser = await startBrowser();
    context = await browser.newContext({ viewport: { width: 1100, height: 700 }, colorScheme: 'light' });
    context.on('request', (request) => asked.push(new URL(request.url()).host));
    page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    gateway?.process.kill();
    directory?.remove();
  });

  /** Something to be seen in records and plots. */
  async function callTools(): Promise<void> {
    const client = loadClient(`${gateway.origin}/mcp`, 4);
    const own = { authorization: `Bearer ${token}` };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'ada', version: '1' } };
    const { headers } = await client.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, own);
    const session = { ...own, 'mcp-session-id': String(headers['mcp-session-id']) };
    for (let n = 0; n < 40; n++) {
      const name = n % 9 === 8 ? 'logs_fail' : n % 2 === 0 ? 'logs_search' : 'forecast_search';
      const call = { name, arguments: { query: `q ${n}` } };
      await client.post({ jsonrpc: '2.0', id: n + 1, method: 'tools/call', params: call }, session);
    }
    await client.close();
  }

  async function open(view: string): Promise<void> {
    // Another address of the same page would not load it again.
    await page.goto('about:blank');
    await page.goto(`${gateway.origin}/console#${view}`);
    await page.getByRole('heading', { level: 1, name: new RegExp(view, 'i') }).waitFor();
  }

  /** @returns what axe finds wrong, seriously or worse */
  async function violations(): Promise<string[]> {
    // The page runs nothing that stands in it: the browser puts it into a world of its own.
    const session = await context.newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
    });
    const source = readFileSync(axe, 'utf8');
    await session.send('Runtime.evaluate', { expression: source, contextId });
    const { result } = await session.send('Runtime.evaluate', {
      expression: 'axe.run().then(({ violations }) => JSON.stringify(violations))',
      contextId,
      awaitPromise: true,
    });
    await session.detach();
    const found = JSON.parse(result.value) as { id: string; impact: string; nodes: { html: string }[] }[];
    return found
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join('; ')}`);
  }

  test('asks for a token, says why one is refused, and lets in whoever has the scope', async () => {
    await page.goto(`${gateway.origin}/console`);
    await page.getByLabel('Token').fill('nonsense');
    await page.keyboard.press('Enter');
    await page
      .getByText(/the token/i)
      .first()
      .waitFor();
    expect(await violations()).toEqual([]);
    await page.getByLabel('Token').fill(token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Topology' }).waitFor();
    await page.getByText('2 of 3 backends connected').waitFor();
    expect(await context.cookies()).toEqual([]);
  });

  test.each(views)('shows %s, for everybody, in the light and in the dark', async (view) => {
    await open(view);
    if (view === 'audit') await page.getByRole('cell', { name: 'logs_search' }).first().waitFor();
    for (const scheme of ['light', 'dark']) {
      const wanted = scheme === 'dark' ? 'Dark' : 'Light';
      const button = page.getByRole('button', { name: wanted, exact: true });
      if (await button.isVisible()) await button.click();
      expect({ view, scheme, wrong: await violations() }).toEqual({ view, scheme, wrong: [] });
      if (process.env.SCREENSHOTS) {
        mkdirSync(images, { recursive: true });
        const name = scheme === 'light' ? `console-${view}.png` : `console-${view}-dark.png`;
        if (scheme === 'light' || view === 'topology') await page.screenshot({ path: join(images, name) });
      }
    }
    await page.getByRole('button', { name: 'Light', exact: true }).click();
  });

  test('a tool is found and called with the keyboard alone', async () => {
    await open('tools');
    await page.keyboard.press('Tab');
    for (let presses = 0; presses < 30; presses++) {
      if (await page.evaluate("document.activeElement?.id === 'search'")) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('logs_search');
    await page.getByText('1 tools').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByLabel('query').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('needle');
    await page.keyboard.press('Tab');
    await page.keyboard.type('3');
    for (let presses = 0; presses < 10; presses++) {
      if (await page.evaluate("document.activeElement?.textContent === 'Call'")) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByText('3 lines with needle').waitFor();
    await open('audit');
    await page.getByLabel('Tool, with').fill('logs_*');
    await page.getByRole('cell', { name: 'logs_search' }).first().waitFor();
    expect(await page.getByRole('cell', { name: 'forecast_search' }).count()).toBe(0);
  });

  test('what backends write runs nowhere, and secrets are not shown', async () => {
    await open('tools');
    await page.getByText('hostile').first().click();
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    await open('configuration');
    const text = await page.locator('pre').textContent();
    expect(text).toContain('(hidden)');
    expect(text).not.toContain('a-secret');
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test('a backend that comes back and news of the configuration are seen without loading again', async () => {
    await open('backends');
    const row = page.getByRole('row', { name: /^legacy/ });
    await row.waitFor();
    directory.write('nothing-here.mjs', `process.argv[2] = 'legacy';\nawait import(${JSON.stringify(program)});`);
    await row.getByText('connected', { exact: true }).waitFor({ timeout: 20_000 });
    await page.getByText('3 of 3 backends connected').waitFor();
    await page.getByRole('heading', { name: 'History of legacy' }).waitFor();
  });

  test('after signing out nothing is left', async () => {
    await open('topology');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  test('nothing was asked of anybody but the gateway', () => {
    expect(new Set(asked)).toEqual(new Set([new URL(gateway.origin).host]));
  });
});

test('docs have a picture of every view; SCREENSHOTS=1 with this test makes them', () => {
  const there = readdirSync(images);
  for (const view of views) expect(there).toContain(`console-${view}.png`);
  for (const name of there)
    expect({ name, isSmall: statSync(join(images, name)).size < 150_000 }).toEqual({ name, isSmall: true });
});
