import type { Observable } from '../console/console.js';
import type { HttpSession } from '../http/session.js';
import type { Router } from '../routing/router.js';
import type { MemorySessionStore } from '../state/memory-session-store.js';

/** Characters of a session's id that are shown: enough to tell two apart, not enough to use one. */
const shownOfId = 8;

/** What the console shows of backends and sessions. */
export function observableOf(
  router: Pick<Router, 'backends'>,
  store: Pick<MemorySessionStore<HttpSession>, 'entries'>,
): Pick<Observable, 'backends' | 'sessions'> {
  return {
    backends: () =>
      router.backends.map(({ name, config, health, description, lists }) => ({
        name,
        description: config.description,
        transport: config.transport,
        tags: config.tags,
        ...health.report(),
        history: health.history,
        ...(health.isUp && {
          version: description.version,
          tools: lists.tools.items.length,
          prompts: lists.prompts.items.length,
          resources: lists.resources.items.length,
        }),
      })),
    sessions: () =>
      [...store.entries()].map(({ session, usedAt }) => ({
        id: session.id.slice(0, shownOfId),
        client: session.identity.clientId,
        subject: session.identity.subject,
        version: session.client.version,
        view: session.view,
        isIdle: session.idle,
        usedAt,
      })),
  };
}
