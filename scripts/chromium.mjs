// Tests of the console look at it in a real browser.
import { existsSync } from 'node:fs';

/** Where Debian's package has it, or what CHROMIUM says. */
export const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What to say of a missing browser. @returns undefined when it is there */
export function missingChromium() {
  return existsSync(chromium) ? undefined : `there is no ${chromium} (apt-get install chromium, or set CHROMIUM)`;
}
