import { isObject, type JsonObject } from '../config/json-rpc.js';
import type { BackendConnection } from './backend-connection.js';

/**
 * What the gateway can do for its clients: all that one of its backends can do. What a backend that is not connected
 * yet will offer is unknown, and a client asks only once, so everything is announced as long as there is one.
 */
export function mergeCapabilities(backends: readonly BackendConnection[], hasSessions: boolean): JsonObject {
  const complete = backends.every(({ state }) => state === 'connected');
  const offers = (capability: string) =>
    !complete || backends.some(({ description }) => isObject(description.capabilities[capability]));
  const subscribe = !complete || backends.some(({ description }) => offersSubscriptions(description.capabilities));
  return {
    tools: { listChanged: hasSessions },
    ...(offers('prompts') && { prompts: { listChanged: hasSessions } }),
    ...(offers('resources') && { resources: { listChanged: hasSessions, subscribe: hasSessions && subscribe } }),
    ...(offers('completions') && { completions: {} }),
    ...(offers('logging') && { logging: {} }),
  };
}

function offersSubscriptions({ resources }: JsonObject): boolean {
  return isObject(resources) && resources.subscribe === true;
}

/** The instructions of all connected backends, each under its name. */
export function mergeInstructions(backends: readonly BackendConnection[]): string | undefined {
  const parts = backends
    .filter(({ state, description }) => state === 'connected' && description.instructions)
    .map(({ name, description }) => `## ${name}\n\n${description.instructions}`);
  return parts.length > 0 ? parts.join('\n\n') : undefined;
}
