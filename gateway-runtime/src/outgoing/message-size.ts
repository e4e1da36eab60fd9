import { UpstreamError } from '../errors.js';

/** Longest message, in UTF-16 units or bytes, that is taken from a backend; it is held in memory as a whole. */
export const maxMessageSize = 32 * 1024 * 1024;

/** What a backend is told of that exceeds it. */
export const tooLarge = () => new UpstreamError(`sent a message of more than ${maxMessageSize / 1024 / 1024} MiB`);
