/**
 * What AI clients have to be told to use a gateway: files to write, commands to run, links to click. Nothing in it is secret:
 * where a token belongs, there is a variable, a question, or `<token>`.
 */
import { chatgpt } from './chatgpt.js';
import { claudeCode } from './claude-code.js';
import { claudeDesktop } from './claude-desktop.js';
import { cline } from './cline.js';
import { cursor } from './cursor.js';
import { gemini } from './gemini.js';
import { inspector } from './inspector.js';
import { openai } from './openai.js';
import type { ClientGuide, ClientTarget, Snippet } from './target.js';
import { vscode } from './vscode.js';

export type { ClientAuth, ClientTarget, Snippet } from './target.js';

const guides = {
  'claude-desktop': claudeDesktop,
  'claude-code': claudeCode,
  cline,
  vscode,
  cursor,
  chatgpt,
  gemini,
  openai,
  inspector,
} satisfies Record<string, ClientGuide>;

/** A client that is known here. */
export type ClientName = keyof typeof guides;

/** Every client that is known here. */
export const clientNames = Object.keys(guides) as readonly ClientName[];

/** What one client has to be told. */
export interface ClientConfiguration {
  readonly client: ClientName;
  /** What people call it. */
  readonly title: string;
  /** Where its makers document it. */
  readonly source: string;
  /** The first one is what most people need; none where the client cannot reach the gateway in this way. */
  readonly snippets: readonly Snippet[];
}

/**
 * What one client has to be told.
 *
 * @example
 * const { snippets } = clientConfiguration('cursor', { name: 'oci', url: 'https://mcp.example.com/mcp', auth: 'oauth' });
 */
export function clientConfiguration(client: ClientName, target: ClientTarget): ClientConfiguration {
  const { title, source, snippets } = guides[client] as ClientGuide;
  const isReachable = target.command === undefined || !['chatgpt', 'openai'].includes(client);
  return { client, title, source, snippets: isReachable ? snippets(target) : [] };
}
