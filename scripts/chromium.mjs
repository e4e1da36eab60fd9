// Tests of the console look at it in a real browser.
import { existsSync } from 'node:fs';

/** Where Debian's package has it, or what CHROMIUM says. */
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** @returns why there is none; undefined where all is well */
export function missingChromium() {
  return existsSync(chromium) ? undefined : `${chromium} is not installed`;
}
