import { pino } from 'pino';
import type { Logger } from '../config/host.js';
import type { GatewayConfig } from '../config/index.js';

/** A logger whose level can be changed. */
export interface LeveledLogger extends Logger {
  setLevel(level: GatewayConfig['log_level']): void;
}

const levels = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const;

/** Fields that are never written, should a caller ever pass them. */
const secretFields = [
  'authorization',
  'bearer_token',
  'api_key',
  'data_key',
  'token',
  'headers',
  'env',
  'static_tokens',
];

/** Writes one JSON object per line. */
export function createLogger(
  { name, log_level }: Pick<GatewayConfig, 'name' | 'log_level'>,
  destination: { write(line: string): void },
): LeveledLogger {
  const logger = pino(
    {
      level: levels[log_level],
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: secretFields.flatMap((field) => [field, `*.${field}`]),
    },
    destination,
  );
  const setLevel = (level: GatewayConfig['log_level']) => {
    logger.level = levels[level];
  };
  return Object.assign(logger, { setLevel });
}
