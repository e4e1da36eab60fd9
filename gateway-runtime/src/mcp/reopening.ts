/** Milliseconds until a stream that ended is opened again: by default, and what a backend may ask for. */
export const reopenMs = { usual: 500, least: 100, most: 60_000 };
