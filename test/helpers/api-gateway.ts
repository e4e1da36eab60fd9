import { createRemoteJWKSet, importSPKI, type JWTPayload, jwtVerify } from 'jose';
import { type Listening, listen } from './gateway-servers';
import { evaluate, type Values } from './rendered-config';
import type { Block, SynthesizedJson } from './synth';

/** A request that reached the API Gateway, and what became of it. */
export interface RoutedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export interface TestApiGateway extends Listening {
  readonly requests: readonly RoutedRequest[];
}

/** Where the backend of a route really listens. */
export type BackendOrigin = (origin: string) => string;

interface Answer {
  readonly status: number;
  readonly headers?: Headers | Record<string, string>;
  readonly body?: string | ReadableStream<Uint8Array> | null;
}

/**
 * Answers as the platform says it answers with the deployments of a stack: routes by prefix, path and method, token and scope,
 * stock answers, header filters.
 * https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewayusingjwttokens.htm
 */
export async function startApiGateway(
  stack: SynthesizedJson,
  backend: BackendOrigin,
  values: Values = {},
): Promise<TestApiGateway> {
  const requests: RoutedRequest[] = [];
  const deployments = stack.resources('oci_apigateway_deployment');
  const text = (template: string) => String(evaluate(template, values));
  const listening = await listen(async (request, response) => {
    const { method = 'GET', url = '/' } = request;
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path = '/'] = url.split('?');
    const answer = await answerOf(
      deployments,
      { method, path, headers, body: Buffer.concat(chunks) },
      { backend, text },
    );
    requests.push({ method, path, status: answer.status });
    response.writeHead(answer.status, Object.fromEntries(new Headers(answer.headers)));
    response.flushHeaders();
    try {
      if (answer.body instanceof ReadableStream) for await (const chunk of answer.body) response.write(chunk);
      response.end(typeof answer.body === 'string' ? answer.body : undefined);
    } catch {
      // The backend went away in the middle of its answer.
      response.destroy();
    }
  });
  return { ...listening, requests };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

interface Surroundings {
  readonly backend: BackendOrigin;
  readonly text: (template: string) => string;
}

async function answerOf(deployments: readonly Block[], call: Call, surroundings: Surroundings): Promise<Answer> {
  const pathOf = (prefix: string, path: string) => (prefix === '/' ? path : prefix + path);
  for (const { path_prefix, specification } of deployments) {
    const onPath = specification.routes.filter((route: Block) => pathOf(path_prefix, route['path']) === call.path);
    const route = onPath.find(({ methods }: Block) => methods.includes(call.method));
    if (route !== undefined) return routed(specification.request_policies, route, call, surroundings);
    if (onPath.length > 0) return { status: 405 };
  }
  return { status: 404 };
}

async function routed(policies: Block = {}, route: Block, call: Call, surroundings: Surroundings): Promise<Answer> {
  const refusal = await refusalOf(policies['authentication'], route, call.headers, surroundings);
  return refusal ?? backendAnswer(route, call, surroundings);
}

async function refusalOf(
  policy: Block | undefined,
  route: Block,
  headers: Headers,
  { text }: Surroundings,
): Promise<Answer | undefined> {
  const authorization = route['request_policies']?.authorization ?? {};
  if (policy === undefined || authorization.type === 'ANONYMOUS') return undefined;
  const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  const claims = token && (await claimsOf(policy, token).catch(() => undefined));
  if (!claims) {
    const items = policy['validation_failure_policy']?.response_header_transformations.set_headers.items ?? [];
    return {
      status: 401,
      headers: Object.fromEntries(items.map(({ name, values }: Block) => [name, text(values[0])])),
    };
  }
  const scopes = String(claims['scope'] ?? '').split(' ');
  if (authorization.type !== 'ANY_OF') return undefined;
  return authorization.allowed_scope.some((scope: string) => scopes.includes(scope)) ? undefined : { status: 403 };
}

async function claimsOf(policy: Block, token: string): Promise<JWTPayload> {
  const isToken = policy['type'] === 'TOKEN_AUTHENTICATION';
  const keys = isToken ? policy['validation_policy'] : policy['public_keys'];
  const compared = isToken ? keys.additional_validation_policy : policy;
  const options = { issuer: compared.issuers, audience: compared.audiences };
  const verified =
    keys.type === 'STATIC_KEYS'
      ? await jwtVerify(token, await importSPKI(keys.keys[0].key, 'RS256'), options)
      : await jwtVerify(token, createRemoteJWKSet(new URL(keys.uri)), options);
  return verified.payload;
}

async function backendAnswer(route: Block, call: Call, { backend, text }: Surroundings): Promise<Answer> {
  const { type, url, status, headers, body } = route['backend'];
  if (type === 'STOCK_RESPONSE_BACKEND') {
    const named = (headers ?? []).map(({ name, value }: Block) => [name, value]);
    return { status, headers: Object.fromEntries(named), body: body && text(body) };
  }
  const target = new URL(text(url));
  const sent = new Headers(call.headers);
  for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) sent.delete(name);
  const filter = route['request_policies']?.header_transformations?.filter_headers;
  if (filter?.type === 'BLOCK') for (const { name } of filter.items) sent.delete(name);
  const hasBody = call.method === 'POST';
  const answer = await fetch(backend(target.origin) + target.pathname, {
    method: call.method,
    headers: sent,
    body: hasBody ? new Uint8Array(call.body) : undefined,
  });
  const received = new Headers(answer.headers);
  for (const name of ['connection', 'content-length', 'transfer-encoding', 'content-encoding']) received.delete(name);
  return { status: answer.status, headers: received, body: answer.body };
}
