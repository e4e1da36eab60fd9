import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the page is made of. */
const files: Readonly<Record<string, { readonly name: string; readonly contentType: string }>> = {
  '': { name: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/': { name: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/app.js': { name: 'app.js', contentType: 'text/javascript; charset=utf-8' },
  '/style.css': { name: 'style.css', contentType: 'text/css; charset=utf-8' },
};

/** Everything comes from the gateway, and nothing that stands in the page itself runs. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** The files of the page, each read when it is first asked for. */
export class PageFiles {
  readonly #directory: string;
  readonly #read = new Map<string, Promise<string>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @param below Path below that of the console. @returns what is there; `undefined` when nothing is */
  at(below: string): { readonly contentType: string; readonly text: Promise<string> } | undefined {
    const file = Object.hasOwn(files, below) ? files[below] : undefined;
    if (!file) return undefined;
    const text = this.#read.get(file.name) ?? readFile(join(this.#directory, file.name), 'utf8');
    this.#read.set(file.name, text);
    return { contentType: file.contentType, text };
  }
}
