import type { OpenApiBackend } from '../../config/backend.js';
import type { OpenApiUpstream } from '../../openapi/index.js';
import { type Connected, connectTo } from '../connect.js';
import { adviceFor } from '../reasons.js';
import { ok, problem, type Verdict, warning } from '../verdict.js';
import type { Means } from './means.js';

/** Operations that are named of those that are left out. */
const mostNamed = 5;

/** Whether the document of a service can be had and read, as the gateway does it. */
export async function isDescribed(backend: OpenApiBackend, { createUpstream }: Means): Promise<Verdict<Connected>> {
  try {
    const connected = await connectTo(createUpstream, backend);
    const { catalogue } = connected.upstream as OpenApiUpstream;
    const { tools, leftOut = [], serverPaths = [] } = catalogue ?? {};
    const count = tools?.size ?? 0;
    const seen = `describes ${count} operation${count === 1 ? '' : 's'} for tools`;
    const path = new URL(backend.url).pathname.replace(/\/$/, '');
    if (leftOut.length > 0) {
      const named = leftOut.slice(0, mostNamed).map(({ operation, reason }) => `${operation} (${reason})`);
      return warning(
        `${seen}; ${leftOut.length} more cannot`,
        {
          cause: `the document says too little or too much of ${named.join(', ')}`,
          solution: 'correct the document; what is in other files has to be bundled into it',
        },
        connected,
      );
    }
    if (serverPaths.length > 0 && !serverPaths.includes(path)) {
      return warning(
        `${seen}, below ${quoted(serverPaths[0])} while url has ${quoted(path)}`,
        {
          cause: 'the url lacks a part of the path, or something in front of the service changes paths',
          solution: `end the url with ${quoted(serverPaths[0])}, unless calls of its tools work`,
        },
        connected,
      );
    }
    return ok(seen, connected);
  } catch (error) {
    const { message } = error as Error;
    return problem(message, adviceFor(message, backend));
  }
}

function quoted(path: string | undefined): string {
  return path ? path.slice(0, 200) : '/';
}
