import type { RequestListener } from 'node:http';
import { type Listening, listen } from './gateway-servers.js';

/** An authorization server that says what tokens mean. */
export interface TestIntrospection extends Listening {
  /** Token to answer; what is not here is not active. */
  readonly tokens: Map<string, object>;
  /** The tokens that it was asked about, in order. */
  readonly asked: string[];
  /** Who asked last: the Authorization header, decoded. */
  client: string;
  /** The one secret it accepts. */
  secret: string;
  /** Answers in its place. */
  respond: RequestListener | undefined;
}

/** Starts an authorization server on this machine whose client is `gateway`. */
export async function startIntrospection(): Promise<TestIntrospection> {
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { authorization = '', 'content-type': type } = request.headers;
    server.client = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
    const form = new URLSearchParams(body);
    server.asked.push(form.get('token') ?? '');
    if (server.respond) return void server.respond(request, response);
    const isGood = request.method === 'POST' && type === 'application/x-www-form-urlencoded' && form.get('token');
    const isKnown = server.client === `gateway:${server.secret}`;
    const answer = server.tokens.get(form.get('token') ?? '') ?? { active: false };
    response.writeHead(!isGood ? 400 : isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? answer : { error: 'invalid_client' }));
  });
  const server: TestIntrospection = {
    ...listening,
    tokens: new Map(),
    asked: [],
    client: '',
    secret: 's3cret',
    respond: undefined,
  };
  return server;
}
