import type { Era } from '../config/versions.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { ServerDescription } from '../contracts/upstream.js';
import type { BackendConnection } from './backend-connection.js';

/** Extensions of the protocol that need nothing of the gateway but that it passes everything on. */
const passedOn: ReadonlySet<string> = new Set(['io.modelcontextprotocol/ui', 'io.modelcontextprotocol/tasks']);

/** What clients of the legacy era can do with tasks. Lists of them would show what other clients began. */
const tasks = { cancel: {}, requests: { tools: { call: {} } } };

/** Who is told what. */
export interface DescriptionOptions {
  /** Those that the view shows anything of. */
  readonly backends: readonly BackendConnection[];
  readonly era: Era;
  /** Whether clients can be told of changes. */
  readonly listChanged: boolean;
  /** What the view is for that is asked. @default - everything is asked */
  readonly purpose?: string;
  /** Whether the caller may be told how a backend is used. */
  mayKnow(backend: BackendConnection): boolean;
}

/**
 * What the gateway says of itself: capabilities and instructions. Capabilities are those of all backends, since a client asks only
 * once and its next token may open more to it.
 */
export function describeGateway(options: DescriptionOptions): JsonObject {
  const { backends, era, listChanged, purpose, mayKnow } = options;
  const parts = [purpose, mergeInstructions(backends.filter(mayKnow))];
  const instructions = parts.filter((part) => part !== undefined).join('\n\n');
  return { capabilities: mergeCapabilities(backends, era, listChanged), ...(instructions && { instructions }) };
}

/**
 * What the gateway can do for its clients: all that one of its backends can do. What a backend that is not connected
 * yet will offer is unknown, and a client asks only once, so everything is announced as long as there is one.
 */
function mergeCapabilities(backends: readonly BackendConnection[], era: Era, listChanged: boolean): JsonObject {
  const complete = backends.every(({ health }) => health.isUp);
  const offers = (capability: string) =>
    !complete || backends.some(({ description }) => isObject(description.capabilities[capability]));
  const subscribe = !complete || backends.some(({ description }) => offersSubscriptions(description.capabilities));
  const extensions = era === 'modern' ? mergeExtensions(backends) : {};
  return {
    tools: { listChanged },
    ...(offers('prompts') && { prompts: { listChanged } }),
    ...(offers('resources') && { resources: { listChanged, subscribe: listChanged && subscribe } }),
    ...(offers('completions') && { completions: {} }),
    ...(offers('logging') && { logging: {} }),
    ...(era === 'legacy' && backends.some(({ description }) => runsTasks(description)) && { tasks }),
    ...(Object.keys(extensions).length > 0 && { extensions }),
  };
}

function mergeExtensions(backends: readonly BackendConnection[]): JsonObject {
  const all = backends.flatMap(({ description: { capabilities } }) =>
    Object.entries(isObject(capabilities.extensions) ? capabilities.extensions : {}),
  );
  return Object.fromEntries(all.filter(([name]) => passedOn.has(name)));
}

function runsTasks({ era, capabilities }: ServerDescription): boolean {
  const { requests } = isObject(capabilities.tasks) ? capabilities.tasks : {};
  return era === 'legacy' && isObject(requests) && isObject(requests.tools) && isObject(requests.tools.call);
}

function offersSubscriptions({ resources }: JsonObject): boolean {
  return isObject(resources) && resources.subscribe === true;
}

/** The instructions of all connected backends, each under its name. */
function mergeInstructions(backends: readonly BackendConnection[]): string | undefined {
  const parts = backends
    .filter(({ health, description }) => health.isUp && description.instructions)
    .map(({ name, description }) => `## ${name}\n\n${description.instructions}`);
  return parts.length > 0 ? parts.join('\n\n') : undefined;
}
