import type { Backend, HttpBackend } from '../../config/backend.js';
import { withoutCredentials } from '../../config/faults.js';
import { isReachable } from '../reach/reach.js';
import { Subject } from '../subject.js';
import { findsCredential } from './credential.js';
import { isDescribed } from './document.js';
import { shakesHands } from './handshake.js';
import type { Means } from './means.js';
import { listsTools } from './tools.js';

/** A handshake is tried in two eras, and a child process gets 2 s to leave after one that failed. */
const handshakeLimit = (timeoutMs: number) => 3 * timeoutMs + 3000;

/** Looks at a backend from where the gateway runs. */
export async function examineBackend(configured: Backend, means: Means): Promise<Subject> {
  const { timeoutMs } = means;
  const most = timeoutMs / 1000;
  const connect_timeout = Math.min(configured.connect_timeout, most);
  const backend = { ...configured, connect_timeout, request_timeout: most };
  const subject = new Subject(`backend ${backend.name} (${placeOf(backend)})`, timeoutMs);
  if ('url' in backend && !(await isUsable(subject, backend, means))) return subject;
  const connected = await (backend.transport === 'openapi'
    ? subject.check('document', () => isDescribed(backend, means), 2 * timeoutMs)
    : subject.check('handshake', () => shakesHands(backend, means), handshakeLimit(timeoutMs)));
  if (!connected) return subject;
  await subject.check('tools', () => listsTools(backend, connected));
  await connected.upstream.close();
  return subject;
}

function placeOf(backend: Backend): string {
  if (backend.transport === 'stdio') return backend.command;
  return backend.transport === 'in_process' ? backend.module : withoutCredentials(backend.url);
}

/** Whether the server of a backend can be reached, and whether there is a credential for it: both are told. */
async function isUsable(subject: Subject, backend: HttpBackend, means: Means): Promise<boolean> {
  const isThere = await isReachable(subject, new URL(backend.url));
  const isProvable = backend.auth_method === 'none' || (await findsCredential(subject, backend, means));
  return isThere && isProvable;
}
