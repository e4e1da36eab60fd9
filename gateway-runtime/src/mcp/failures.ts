import { UnspokenEraError, UpstreamError } from '../errors.js';

/** A backend that named the versions it speaks, and none of them is spoken here. */
export class NoCommonVersionError extends UnspokenEraError {
  constructor(versions: readonly unknown[]) {
    const named = versions.slice(0, 5).map((version) => JSON.stringify(String(version).slice(0, 20)));
    super(`speaks MCP ${named.join(', ') || 'of no version'}, which is not supported`);
  }
}

/** A backend that ended the stream of a request before its answer. */
export class StreamEndError extends UpstreamError {}
