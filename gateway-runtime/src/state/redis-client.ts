/** The client library in a file of its own: it is read only when the configuration names a server. */
export { createClient } from '@redis/client';
