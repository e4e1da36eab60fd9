import type { Backend } from '../../config/backend.js';
import type { WrittenLine } from '../child-words.js';
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
    if (written?.stream === 'stdout') {
      return warning(
        `speaks MCP ${version}, and writes other things in between (${toText(written)})`,
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
    // Of a program that ended, the message tells the line that says why.
    const isUntold = written && /did not answer/.test(message);
    const seen = isUntold ? `${message} (${toText(written)})` : message;
    const isChatty = isUntold && written.stream === 'stdout';
    return problem(`no MCP handshake: ${seen}`, hint ?? (isChatty ? chatty : adviceFor(message, backend)));
  }
}

function toText({ stream, line }: WrittenLine): string {
  return `${stream}: ${line}`;
}
