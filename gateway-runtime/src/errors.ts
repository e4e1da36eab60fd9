/** One thing wrong with a configuration. */
export interface ConfigFault {
  /** Where it is, for example `backends[2].url`; empty when it concerns the whole document. */
  readonly path: string;
  /** What was found, what is allowed and how to fix it, in lower case and without a full stop. */
  readonly message: string;
}

/**
 * The one-line form of a fault.
 *
 * @example
 * formatFault({ path: 'backends[2].url', message: 'expected an http or https URL, got "ftp://x"' });
 * // backends[2].url: expected an http or https URL, got "ftp://x"
 */
export function formatFault(fault: ConfigFault): string {
  return fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`;
}

/** A configuration that cannot be used; carries every fault found, not only the first. */
export class ConfigError extends Error {
  readonly code = 'InvalidConfig';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(formatFault).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** JSON-RPC error codes the gateway itself answers with. https://www.jsonrpc.org/specification#error_object */
export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** A session that does not exist, a caller that may not do this, or a tool nobody may call: the message says which. */
  refused: -32000,
  /** The backend could not be asked or gave no usable answer. */
  backendUnavailable: -32001,
  /** No backend has this resource; the code MCP used up to 2025-11-25. */
  resourceNotFound: -32002,
  /** There are too many calls: of this caller, of this tool or to this backend. In the range that JSON-RPC leaves to servers. */
  limited: -32003,
  /** Headers do not say what the body says. */
  headerMismatch: -32020,
  /** The request cannot be served without something that the client did not say it can do. */
  missingClientCapability: -32021,
  /** The version of the request is not spoken here. */
  unsupportedVersion: -32022,
  /** The user has to visit a URL first; the code MCP used in 2025-11-25. */
  urlElicitationRequired: -32042,
} as const;

/** A JSON-RPC error, the gateway's own or one a backend answered with; goes to the client as it is. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
    this.name = 'RpcError';
  }
}

/** A call that a limit holds back for now. */
export class LimitedError extends RpcError {
  constructor(
    message: string,
    /** The member of the configuration that says so: `limits.tools.logs_*`. */
    readonly limit: string,
    /** Whole seconds after which trying again makes sense, at least 1. */
    readonly retryAfterSeconds: number,
  ) {
    super(rpcCodes.limited, message, { retry_after_seconds: retryAfterSeconds });
    this.name = 'LimitedError';
  }
}

/** A call of a tool that the caller does not know, or nobody does. */
export class UnknownToolError extends RpcError {
  constructor(
    /** In quotation marks, as messages have it. */
    tool: string,
  ) {
    super(rpcCodes.invalidParams, `unknown tool ${tool}`);
    this.name = 'UnknownToolError';
  }
}

/** A request that may not be answered, because nobody could tell later that there was one. */
export class AuditUnavailableError extends RpcError {
  constructor() {
    super(rpcCodes.internalError, 'audit log cannot be written');
    this.name = 'AuditUnavailableError';
  }
}

/** A backend that could not be reached or did not answer properly. The message holds no secret and no URL. */
export class UpstreamError extends Error {
  constructor(
    message: string,
    /** True when the connection is gone, so that it must be made again; false when one answer failed. */
    readonly disconnected = false,
  ) {
    super(message);
    this.name = 'UpstreamError';
  }

  /** Whether it tells that the backend is unwell, and not just that it did not like one request. */
  get isOutage(): boolean {
    return true;
  }
}

/** A backend that answers, but does not speak the one era of the protocol that would do. */
export class UnspokenEraError extends UpstreamError {
  constructor(message: string) {
    super(message);
    this.name = 'UnspokenEraError';
  }
}

/** A caller without valid credentials. */
export class UnauthorizedError extends Error {
  constructor(
    message: string,
    /** True when a token came but was not accepted, false when there was none. */
    readonly tokenPresent = true,
  ) {
    super(message);
    this.name = 'UnauthorizedError';
  }
}

/** Something the gateway itself depends on does not answer; trying again later makes sense. */
export class UnavailableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnavailableError';
  }
}

/** A known caller who lacks a scope. */
export class InsufficientScopeError extends Error {
  constructor(
    message: string,
    /** Every scope the operation needs. */
    readonly scopes: readonly string[],
  ) {
    super(message);
    this.name = 'InsufficientScopeError';
  }
}
