/** How a client proves who its user is: it logs in by itself, it sends a token that it was given, or nobody asks. */
export type ClientAuth = 'oauth' | 'token' | 'none';

/** The gateway as a client finds it. */
export interface ClientTarget {
  /** What the client calls it: letters, digits, `-` and `_`, a letter first. */
  readonly name: string;
  /** URL of the MCP endpoint, or of a view. */
  readonly url: string;
  readonly auth: ClientAuth;
  /** Environment variable that holds the token where `auth` is `token`. @default 'MCP_GATEWAY_TOKEN' */
  readonly tokenVariable?: string;
  /** Program and arguments, for clients that start the gateway themselves and speak over stdio. @default - they use the URL */
  readonly command?: readonly string[];
}

/** Something to paste, to run, or to do. */
export interface Snippet {
  /** What it is for. */
  readonly title: string;
  /** `uri` is a link that opens the client, `text` tells what to do. */
  readonly language: 'json' | 'sh' | 'python' | 'uri' | 'text';
  readonly text: string;
  /** Where a file lies, by operating system where that makes a difference. @default - it is no file */
  readonly file?: string | { readonly macos: string; readonly windows: string; readonly linux?: string };
}

/** What one client needs. */
export interface ClientGuide {
  /** What people call it. */
  readonly title: string;
  /** Where its makers document it. */
  readonly source: string;
  /** The first one is what most people need. */
  snippets(target: ClientTarget): readonly Snippet[];
}

/** Variable that holds the token. */
export function tokenVariableOf({ tokenVariable = 'MCP_GATEWAY_TOKEN' }: ClientTarget): string {
  return tokenVariable;
}

/** A header with the token, as a client writes a variable; nothing where none is needed. */
export function authorization(target: ClientTarget, reference: string): { headers?: { Authorization: string } } {
  return target.auth === 'token' ? { headers: { Authorization: `Bearer ${reference}` } } : {};
}

/** Program and arguments as most clients write them. */
export function asCommand([command = '', ...args]: readonly string[]): { command: string; args: string[] } {
  return { command, args };
}

/** The file that holds the servers of a client. */
export function serversFile(
  key: string,
  target: ClientTarget,
  server: object,
  file: Snippet['file'],
  more: object = {},
): Snippet {
  const text = JSON.stringify({ ...more, [key]: { [target.name]: server } }, null, 2);
  return { title: 'Configuration file', language: 'json', text, file };
}

/** Where the REST API of the gateway is, or that of the view: beside the MCP endpoint, which is at `/mcp` unless told otherwise. */
export function restApiOf({ url }: ClientTarget): string {
  const [, before, view] = /^(.*)\/mcp(?:\/([\w.~-]+))?$/.exec(url) ?? [];
  if (before !== undefined) return `${before}/api/v1${view === undefined ? '' : `/views/${view}`}`;
  const end = url.indexOf('/', url.indexOf('://') + 3);
  return `${end < 0 ? url : url.slice(0, end)}/api/v1`;
}
