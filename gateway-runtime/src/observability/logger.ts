import { pino } from 'pino';
import type { GatewayConfig } from '../config/index.js';
import type { Logger } from '../contracts/host.js';
import { plainLine } from './plain-line.js';

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

/** A logger whose level can be changed. */
export interface AdjustableLogger extends Logger {
  setLevel(level: GatewayConfig['log_level']): void;
  /** Goes from the configured level to DEBUG, or back, and says so. */
  toggleDebug(): void;
}

/** Writes one JSON object per line. @param worker Which of several workers writes. @default - there is one */
export function createLogger(
  { name, log_level }: Pick<GatewayConfig, 'name' | 'log_level'>,
  destination: { write(line: string): void },
  worker?: number,
): AdjustableLogger {
  const logger = pino(
    {
      level: levels[log_level],
      base: { name, ...(worker !== undefined && { worker }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: secretFields.flatMap((field) => [field, `*.${field}`]),
    },
    { write: (line) => destination.write(plainLine(line)) },
  );
  let configured = log_level;
  return Object.assign(logger, {
    setLevel: (level: GatewayConfig['log_level']) => {
      configured = level;
      logger.level = levels[level];
    },
    toggleDebug: () => {
      const next = logger.level === levels.DEBUG ? configured : 'DEBUG';
      // The line has to be seen at whichever level there is before or after it.
      logger.level = levels.DEBUG;
      logger.info({ log_level: next }, 'log level changed');
      logger.level = levels[next];
    },
  });
}
