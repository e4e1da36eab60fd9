import type { Backend } from '../../config/backend.js';
import { type Connected, connectTo } from '../connect.js';
import { adviceFor } from '../reasons.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';
import type { Means } from './means.js';
import { otherTransport } from './transports.js';

/** What is told of a program that writes, but no MCP. */
const chatty = {
  cause:
    'the program is no MCP server over stdio: it serves HTTP, waits for something, or logs to stdout, which belongs to the protocol',
  solution:
    'start it with its transport set to stdio, and let it log to stderr; or start it elsewhere and give its "url"',
};

/** Whether a backend can be connected to, as the gateway does it. */
export async function shakesHands(backend: Backend, { createUpstream, words }: Means): Promise<Verdict<Connected>> {
  try {
    const connected = await connectTo(createUpstream, backend);
    const { version } = connected.description;
    const written = words.of(backend.name);
    if (written?.startsWith('stdout')) {
      return warning(
        `speaks MCP ${version}, and writes other things in between (${written})`,
        {
          cause: 'the server logs to stdout, which belongs to the protocol',
          solution: 'let it log to stderr',
        },
        connected,
      );
    }
    return ok(`speaks MCP ${version}`, connected);
  } catch (error) {
    const { message } = error as Error;
    const written = words.of(backend.name);
    const hint = 'url' in backend ? await otherTransport(backend, message) : undefined;
    const seen = written && !/cannot be started/.test(message) ? `${message} (${written})` : message;
    const isChatty = written?.startsWith('stdout') && /did not answer/.test(message);
    return problem(`no MCP handshake: ${seen}`, hint ?? (isChatty ? chatty : adviceFor(message, backend)));
  }
}
