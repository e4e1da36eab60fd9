import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian's package has it, or what CHROMIUM says. */
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Describes tests that need a browser; without one they are skipped and counted. */
export const describeChromium = existsSync(executablePath) ? describe : describe.skip;

/** Starts it. Nothing in it calls home. */
export function startBrowser(): Promise<Browser> {
  const quiet = ['quic', 'background-networking', 'component-update', 'sync', 'gpu'].map((what) => `--disable-${what}`);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--no-first-run', ...quiet] });
}
