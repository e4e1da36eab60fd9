import type { RequestListener } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { createAuthenticator } from './auth/inbound/index.js';
import { MetricIngestion, RequestSigners, VaultSecrets } from './auth/oci/index.js';
import { credentialIn } from './auth/outbound/credential.js';
import { outboundAuths } from './auth/outbound/index.js';
import { createPolicy } from './auth/policy.js';
import type { Host, Logger } from './config/host.js';
import { admittingScopes, type GatewayConfig } from './config/index.js';
import type { SharedSessions } from './config/session.js';
import { ClientSessions } from './http/client-sessions.js';
import { createListener, type Readiness } from './http/listener.js';
import { McpEndpoint } from './http/mcp-endpoint.js';
import { OriginGuard } from './http/origin-guard.js';
import { ProtectedResource } from './http/protected-resource.js';
import type { HttpSession } from './http/session.js';
import type { SseConnection } from './http/sse-connection.js';
import { SseEndpoint } from './http/sse-endpoint.js';
import { upstreamFactory } from './mcp/index.js';
import { auditLog } from './observability/audit-log.js';
import { createLogger } from './observability/logger.js';
import { Telemetry } from './observability/telemetry.js';
import { Router } from './routing/router.js';
import { Sealer } from './routing/sealer.js';
import { MemorySessionStore } from './state/memory-session-store.js';
import { RedisSessions } from './state/redis-sessions.js';
import { ClientConnection } from './stdio/client-connection.js';

/** Milliseconds that calls in flight get to finish when the gateway ends. */
const graceMs = 10_000;

/** What the gateway takes from its surroundings. */
export interface GatewayDependencies {
  readonly host: Host;
  /** Takes log lines, one JSON object each. */
  readonly logs: { write(line: string): void };
  /** Milliseconds between keep-alive comments on event streams. @default 10000, below the 15 s that an API Gateway waits for the next byte */
  readonly keepAliveMs?: number;
  /** Milliseconds a session may stay unused. @default 30 minutes */
  readonly sessionIdleMs?: number;
  /** Milliseconds that the first clients wait for backends which are still connecting. @default 1000 */
  readonly startGraceMs?: number;
}

/** A gateway that has no port: whoever owns one hands its requests to `listener`. */
export interface Gateway {
  readonly listener: RequestListener;
  /** Serves the client at the other end of a pair of streams. Resolves when it has gone. */
  serve(input: Readable, output: Writable): Promise<void>;
  readonly logger: Logger;
  /** Connects to the backends in the background. */
  start(): void;
  /** Lets calls in flight finish, at most 10 s, ends sessions and child processes. */
  close(): Promise<void>;
}

/**
 * Puts a gateway together. Opens nothing before `start()`.
 *
 * @throws {ConfigError} when a key cannot be used
 *
 * @example
 * const gateway = buildGateway(parseGatewayConfig(json), { host, logs: process.stdout });
 * http.createServer(gateway.listener).listen(9000);
 * gateway.start();
 */
export function buildGateway(config: GatewayConfig, dependencies: GatewayDependencies): Gateway {
  const { host, logs, keepAliveMs, sessionIdleMs, startGraceMs } = dependencies;
  const logger = createLogger(config, logs);
  const { auth } = config;
  const authenticator = createAuthenticator(auth);
  const policy = createPolicy(auth, config.gateway_tools);
  const serverInfo = { name: config.name, version: config.version };
  const signers = new RequestSigners(host.env);
  const signer = signers.signerFor({ method: config.oci_auth_method });
  const vault = new VaultSecrets(signer, host.env);
  const outbound = { environment: host.env, signers, vault, secretTtl: config.secret_ttl };
  const { state, metrics, traces, sealing } = config;
  const sealingKey = sealing && credentialIn(sealing, 'key', outbound);
  const audit = config.enable_audit_log
    ? // The audit log is switched by its own field, not by the level of the other lines.
      auditLog(createLogger({ ...config, log_level: 'INFO' }, logs))
    : () => {};
  const ingestion = new MetricIngestion(signer, host.env, metrics?.region);
  const telemetry = new Telemetry({
    config,
    dataKey: traces && credentialIn(traces, 'data_key', outbound),
    sendMetrics: (body) => ingestion.post(body),
    logger,
  });
  const router = new Router({
    serverInfo,
    config,
    backends: config.backends.filter(({ enabled }) => enabled),
    startGraceMs,
    createUpstream: upstreamFactory({
      clientInfo: serverInfo,
      host,
      logger,
      outboundAuth: outboundAuths(outbound),
    }),
    policy,
    logger,
    hasSessions: !config.stateless,
    audit: (record) => {
      telemetry.record(record);
      audit(record);
    },
    tracer: telemetry.tracer,
    sealer: new Sealer(sealingKey && (() => sealingKey.read())),
  });
  const shared =
    state &&
    new RedisSessions({
      config: state,
      password: credentialIn(state, 'password', outbound),
      gateway: config.name,
      idleMs: sessionIdleMs,
      logger,
    });
  const store = new MemorySessionStore<HttpSession>({
    idleMs: sessionIdleMs,
    onEvicted: (session) => sessions?.evicted(session),
  });
  const sessions = config.stateless ? undefined : new ClientSessions({ store, shared, dispatcher: router });
  const protectedResource = new ProtectedResource({
    resourceUrl: auth.resource_url,
    authorizationServers: auth.authorization_servers ?? auth.jwt_issuer,
    scopes: admittingScopes(auth, config.gateway_tools),
    scopePrefix: auth.scope_prefix,
    name: config.name,
  });
  const endpoint = new McpEndpoint({
    authenticator,
    policy,
    protectedResource,
    dispatcher: router,
    sessions,
    serverInfo,
    logger,
    keepAliveMs,
  });
  const sse = config.enable_sse
    ? new SseEndpoint({
        gatekeeper: endpoint,
        dispatcher: router,
        connections: new MemorySessionStore<SseConnection>({ idleMs: sessionIdleMs }),
        prefix: prefixOf(auth.resource_url, config.path),
        serverInfo,
        logger,
        keepAliveMs,
      })
    : undefined;
  const connections: ClientConnection[] = [];
  let closing: Promise<void> | undefined;
  return {
    logger,
    serve: (input, output) => {
      const connection = new ClientConnection({ input, output, dispatcher: router, serverInfo, logger });
      connections.push(connection);
      connection.start();
      return connection.gone;
    },
    listener: createListener({
      path: config.path.replace(/(?<=.)\/$/, ''),
      endpoint,
      sse,
      guard: new OriginGuard({ corsOrigins: auth.cors_origins, host: config.host, resourceUrl: auth.resource_url }),
      protectedResource,
      logger,
      readiness: () => readinessOf(router, shared),
      isClosing: () => closing !== undefined,
    }),
    start: () => {
      router.start();
      if (sessions) shared?.start(sessions);
      telemetry.start(router);
    },
    close: () => {
      const drained = () => [
        endpoint.drain(graceMs),
        sse?.drain(graceMs),
        ...connections.map((connection) => connection.close()),
      ];
      closing ??= Promise.all(drained()).then(async () => {
        // First of all, so that the last points still tell of sessions and backends.
        const sent = telemetry.close();
        shared?.close();
        store.close();
        await Promise.all([router.stop(), sent]);
      });
      return closing;
    },
  };
}

/** What stands before the gateway's own path in its public URL. */
function prefixOf(resourceUrl: string | undefined, path: string): string | undefined {
  const publicPath = resourceUrl && new URL(resourceUrl).pathname;
  return publicPath?.endsWith(path) ? publicPath.slice(0, -path.length) : undefined;
}

/** A gateway without its shared state serves the clients it knows: it stays ready, since all replicas would leave at once. */
function readinessOf({ backends, collisions }: Router, shared: SharedSessions | undefined): Readiness {
  const ready = backends.length === 0 || backends.some(({ state }) => state === 'connected');
  const status = ready ? 'ready' : 'unavailable';
  return {
    ready,
    summary: { status, backends: backends.map(({ name, state }) => ({ name, state })) },
    details: {
      status,
      backends: backends.map(({ name, state, reason, config, lists }) => ({
        name,
        state,
        transport: config.transport,
        ...(state === 'connected' ? { tools: lists.tools.items.length } : { reason }),
      })),
      collisions,
      ...(shared && {
        state: shared.fault === undefined ? { status: 'connected' } : { status: 'down', reason: shared.fault },
      }),
    },
  };
}
