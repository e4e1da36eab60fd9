import { gatewayToolNames } from '../config/gateway-tools.js';
import { type AuditHistory, outcomes } from '../contracts/audit.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { ReloadStatus } from '../contracts/reload-status.js';
import type { BackendConnection } from './backend-connection.js';
import type { Backends } from './backends.js';
import type { Collision } from './collisions.js';
import { countArgument, type OwnTool, textArgument, timeArgument } from './own-tool.js';

/** What these tools look into. */
export interface Inspected {
  readonly serverInfo: { readonly name: string; readonly version: string };
  readonly backends: Pick<Backends, 'all'>;
  /** Milliseconds since the epoch at which the gateway started. */
  readonly started: number;
  /** How reading the configuration again went. */
  readonly reloads: ReloadStatus;
  /** Absent when calls are not audited. */
  readonly history?: AuditHistory;
  sessions(): number;
  collisions(): readonly Collision[];
}

const [health, listBackends, auditLog] = gatewayToolNames;

/** They read what the gateway knows, and nothing else. */
const annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

/** Records in one answer. */
const limits = { usual: 50, most: 1000 };

/** Collisions in one answer: each has the same few causes. */
const mostCollisions = 100;

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };

/** Tools by which operators look into the gateway. */
export function gatewayTools(inspected: Inspected): OwnTool[] {
  const tools = [healthTool(inspected), backendsTool(inspected)];
  return inspected.history ? [...tools, auditTool(inspected.history)] : tools;
}

function healthTool({ serverInfo, backends, started, sessions, collisions }: Inspected): OwnTool {
  const item = {
    name: health,
    title: 'Gateway health',
    description:
      'How this MCP gateway is doing: whether all of its backend servers are connected, since when it runs, how many ' +
      'sessions it serves and which tools it leaves out because their names are taken.',
    inputSchema: { type: 'object', additionalProperties: false },
    outputSchema: objectOf({
      status: { type: 'string', enum: ['ok', 'degraded', 'unavailable'] },
      name: text,
      version: text,
      uptime_seconds: count,
      sessions: count,
      backends: objectOf({ connected: count, not_connected: { type: 'array', items: text } }),
      collisions: { type: 'array', items: { type: 'object' } },
    }),
    annotations,
  };
  return {
    item,
    call: () => {
      const missing = backends.all.filter(({ health }) => !health.isUp).map(({ name }) => name);
      const connected = backends.all.length - missing.length;
      const isWell = backends.all.every(({ state }) => state === 'connected');
      return {
        status: connected === 0 && missing.length > 0 ? 'unavailable' : isWell ? 'ok' : 'degraded',
        ...serverInfo,
        uptime_seconds: Math.floor((Date.now() - started) / 1000),
        sessions: sessions(),
        backends: { connected, not_connected: missing },
        collisions: collisions().slice(0, mostCollisions),
      };
    },
  };
}

function backendsTool({ backends, reloads }: Inspected): OwnTool {
  const item = {
    name: listBackends,
    title: 'Gateway backends',
    description:
      'The servers behind this MCP gateway: whether each is connected, why it is not, how it is reached and what it offers; ' +
      'and what is wrong with files of the configuration, which count as they last could be used.',
    inputSchema: { type: 'object', additionalProperties: false },
    outputSchema: {
      type: 'object',
      properties: {
        backends: {
          type: 'array',
          items: { type: 'object', properties: { name: text, state: text, since: text, reason: text } },
        },
        configuration_faults: { type: 'array', items: objectOf({ path: text, message: text }) },
      },
      required: ['backends'],
    },
    annotations,
  };
  const call = () => ({
    backends: backends.all.map(describe),
    ...(reloads.faults.length > 0 && { configuration_faults: reloads.faults }),
  });
  return { item, call };
}

/** Without its address, which may say more than callers should know. */
function describe({ name, config, health, description, lists }: BackendConnection): JsonObject {
  const { description: purpose, transport, tags } = config;
  return {
    name,
    ...(purpose && { description: purpose }),
    transport,
    tags,
    ...health.report(),
    ...(health.isUp && {
      protocol_version: description.version,
      tools: lists.tools.items.length,
      prompts: lists.prompts.items.length,
      resources: lists.resources.items.length,
    }),
  };
}

/** A time in arguments. */
const time = { ...text, format: 'date-time' };

function auditTool(history: AuditHistory): OwnTool {
  const item = {
    name: auditLog,
    title: 'Gateway audit log',
    description:
      'The last calls of tools, prompts and resources at this replica of the MCP gateway, and callers who were not let in, newest ' +
      'first: when, which client, what it asked for, how it ended and how long it took. Results are not kept.',
    inputSchema: {
      type: 'object',
      properties: {
        limit: { type: 'integer', minimum: 1, maximum: limits.most, default: limits.usual },
        tool: { ...text, description: 'Name of the tool, in which * stands for any characters' },
        client: { ...text, description: 'Exact name of the client' },
        backend: { ...text, description: 'Exact name of the backend' },
        outcome: { ...text, enum: outcomes },
        request_id: { ...text, description: 'What the client was told in X-Request-Id' },
        since: { ...time, description: 'First time, such as 2026-11-23T07:00:00Z' },
        until: { ...time, description: 'Last time' },
      },
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        calls: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              ...{ time: text, client: text, method: text, tool: text, prompt: text, resource: text },
              ...{ backend: text, outcome: text, ms: { type: 'number' } },
            },
            required: ['time', 'client', 'method', 'outcome', 'ms'],
          },
        },
        partial: { type: 'boolean', description: 'There may be older ones that were not looked at' },
      },
      required: ['calls'],
    },
    annotations: { ...annotations, idempotentHint: false },
  };
  const call = async (args: JsonObject) => {
    const limit = countArgument(args, 'limit', limits);
    const named = ['tool', 'client', 'backend', 'outcome', 'request_id'].map((name) => [
      name,
      textArgument(args, name),
    ]);
    const times = ['since', 'until'].map((name) => [name, timeArgument(args, name)]);
    const { records, isPartial } = await history.find(Object.fromEntries([...named, ...times]), limit);
    return { calls: records, ...(isPartial && records.length < limit && { partial: true }) };
  };
  return { item, call };
}

function objectOf(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties) };
}
