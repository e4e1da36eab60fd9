import { type AuthConfig, canVerify } from '../config/auth.js';
import { isLoopback } from '../config/loopback.js';
import type { GatewayConfig } from '../config/schema.js';
import { hashIn } from '../config/static-clients.js';
import type { ConfigFault } from '../errors.js';

/** Auth that is on but has nothing to verify tokens with: a mistake, and beyond this machine an open door. */
export function checkExposure({ host, auth }: GatewayConfig): { faults: ConfigFault[]; warnings: ConfigFault[] } {
  if (auth.enabled && !canVerify(auth)) {
    const how = 'set jwt_jwks_uri, jwt_public_key_file or static_tokens';
    if (isLoopback(host)) {
      const message = `nothing verifies callers, so every program on this machine may call; ${how}`;
      return { faults: [], warnings: [{ path: 'auth', message }] };
    }
    const open = 'to accept unauthenticated calls on purpose, say "auth": {"enabled": false} or --no-auth';
    const message = `nothing verifies callers, and ${host} can be reached by others; ${how}; ${open}; or --host 127.0.0.1`;
    return { faults: [{ path: 'auth', message }], warnings: [] };
  }
  if (!auth.enabled && !isLoopback(host)) {
    const message = `unauthenticated calls are accepted, and ${host} can be reached by others`;
    return { faults: [], warnings: [{ path: 'auth', message }] };
  }
  return { faults: [], warnings: [] };
}

/** What works but may not be meant. */
export function warningsOf(config: GatewayConfig): ConfigFault[] {
  const { auth, backends, enable_metrics } = config;
  const message = 'nothing is published, since enable_metrics is false';
  const unpublished = enable_metrics ? [] : (['metrics', 'otlp_metrics', 'prometheus'] as const);
  const telemetry = unpublished.filter((path) => config[path]).map((path) => ({ path, message }));
  const found = backends
    .filter(({ enabled }) => enabled)
    .flatMap((backend) => {
      const path = `backend "${backend.name}"`;
      if (backend.transport === 'in_process') {
        return [
          { path, message: `a Python module cannot be loaded into this process; ${backend.module} runs as a child` },
        ];
      }
      if (backend.auth_method === 'token_exchange' && !auth.enabled) {
        return [
          { path, message: 'token_exchange needs tokens of callers, and auth is off: every call will be refused' },
        ];
      }
      return [];
    });
  return [...weakAuth(auth), ...telemetry, ...found];
}

/** Fewer characters could be guessed. */
const leastCharacters = 16;

function weakAuth({ enabled, static_tokens, resource_url }: AuthConfig): ConfigFault[] {
  if (!enabled) return [];
  const guessable = Object.keys(static_tokens).flatMap((token, index) =>
    hashIn(token) === undefined && token.length < leastCharacters
      ? [
          {
            path: `auth.static_tokens[${index}]`,
            message: `a token of fewer than ${leastCharacters} characters can be guessed; use a longer, random one`,
          },
        ]
      : [],
  );
  const url = new URL(resource_url ?? 'https://gateway');
  const isOpen = url.protocol === 'http:' && !isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
  const plain = 'clients are told to send their tokens unencrypted; use an https URL';
  return isOpen ? [...guessable, { path: 'auth.resource_url', message: plain }] : guessable;
}
