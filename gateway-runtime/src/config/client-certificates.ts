import * as z from 'zod';
import { strict } from './field.js';
import { KnownClient } from './static-clients.js';

/** Who a client certificate stands for, by a name in it. */
export const ClientCertificatesSchema = z
  .record(z.string().min(1, { error: 'a name that is not empty' }), strict(KnownClient), {
    error: 'an object of name: { client_id, scopes }',
  })
  .describe(
    'Who calls when a verified certificate comes and no token: { name: { client_id, scopes } }. The name is a URI or DNS name ' +
      'of the subject alternative names, or the common name of the subject',
  );
