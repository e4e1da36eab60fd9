import { decodeJwt } from 'jose';
import { type Listening, listen } from './gateway-servers.js';

/** An authorization server that gives tokens to a client, its own ones and others in exchange for those of callers. */
export interface TokenServer extends Listening {
  /** What it was asked. */
  readonly requests: { readonly authorization: string | undefined; readonly form: Record<string, string> }[];
  /** Whom the tokens are about that it takes: `gateway`, or the subject of a caller. */
  readonly valid: Map<string, string>;
  /** Answers in place of the server, when it gives a status and a document. */
  refuse: (form: Record<string, string>) => [number, unknown] | undefined;
  /** Whom this Authorization header is about. */
  subjectOf(authorization: unknown): string | undefined;
}

/** Starts an authorization server on this machine. */
export async function startTokenServer(): Promise<TokenServer> {
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = Object.fromEntries(new URLSearchParams(body));
    server.requests.push({ authorization: request.headers.authorization, form });
    const refusal = server.refuse(form);
    if (refusal) return void response.writeHead(refusal[0]).end(JSON.stringify(refusal[1]));
    const subject = form.subject_token === undefined ? 'gateway' : String(decodeJwt(form.subject_token).sub);
    const token = `token-${server.requests.length}`;
    server.valid.set(token, subject);
    response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 }));
  });
  const server: TokenServer = {
    ...listening,
    requests: [],
    valid: new Map(),
    refuse: () => undefined,
    subjectOf: (authorization) => server.valid.get(String(authorization).replace('Bearer ', '')),
  };
  return server;
}
