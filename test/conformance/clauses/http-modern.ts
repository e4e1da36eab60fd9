import { type Clause, clientScenario, scenario, testsOf } from './clause';

const origin = testsOf('gateway-runtime/http/origin-guard.test.ts');
const paramHeaders = testsOf('gateway-runtime/protocol/param-headers.test.ts');
const modern = testsOf('gateway-runtime/http/modern-endpoint.test.ts');
const modernBackend = testsOf('gateway-runtime/mcp/modern-http.test.ts');
const hostileModern = testsOf('gateway-runtime/mcp/hostile-modern.test.ts');
const negotiation = testsOf('gateway-runtime/mcp/negotiation.test.ts');
const streaming = testsOf('gateway-runtime/streaming.test.ts');

const page = '2026-07-28/basic/transports/streamable-http';

/** Streamable HTTP of the stateless era, towards clients and towards backends. */
export const httpModern: readonly Clause[] = [
  {
    id: 'modern-http-origin',
    says: 'An Origin that is not expected is answered with 403.',
    links: [`${page}#security--endpoint`],
    proof: [origin('when %s'), scenario('2026-07-28', 'dns-rebinding-protection')],
  },
  {
    id: 'modern-http-single-message',
    says: 'A POST holds one request or notification: no batch, and no response.',
    links: [`${page}#sending-messages`],
    proof: [modern('come one at a time, and answers do not come at all')],
  },
  {
    id: 'modern-http-accepted',
    says: 'A notification is answered with 202 and no body.',
    links: [`${page}#sending-messages`],
    proof: [modern('notifications are accepted')],
  },
  {
    id: 'modern-http-answer-kinds',
    says: 'A request is answered with JSON or with an event stream; of a backend both are understood.',
    links: [`${page}#sending-messages`],
    proof: [
      scenario('2026-07-28', 'server-sse-multiple-streams'),
      scenario('2026-07-28', 'tools-call-with-progress'),
      modern('begin when something is said before the result, and logs are only for those who want them'),
    ],
  },
  {
    id: 'modern-http-no-requests',
    says: 'The stream of a request carries notifications and its response, never a request.',
    links: [`${page}#receiving-messages`],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'modern-http-no-buffering',
    says: 'Event streams say X-Accel-Buffering: no, and comments keep them open.',
    links: [`${page}#receiving-messages`],
    proof: [
      modern('have no event ids, since nothing can be resumed'),
      streaming('the answer is an event stream with keep-alive comments otherwise'),
    ],
  },
  {
    id: 'modern-http-disconnect-cancels',
    says: 'A client that closes the stream of its request cancels it, at the backend too.',
    links: [`${page}#cancellation`],
    proof: [modern('that their client leaves cancel the request at once')],
  },
  {
    id: 'modern-http-backend-cancel',
    says: 'A request to a backend is cancelled by closing its stream.',
    links: [`${page}#cancellation`],
    proof: [modernBackend('a call that is cancelled ends its request, and nothing more is said')],
  },
  {
    id: 'modern-http-version-header',
    says: 'A version in the header that is not that of the body, or none, is refused with 400 and -32020.',
    links: [`${page}#protocol-version-header`],
    proof: [scenario('2026-07-28', 'server-stateless'), modern('with %s fail')],
  },
  {
    id: 'modern-http-unsupported-version',
    says: 'A version that is not supported is refused with 400 and -32022, with those that are.',
    links: [`${page}#protocol-version-header`, '2026-07-28/basic/versioning#protocol-version-negotiation'],
    proof: [scenario('2026-07-28', 'server-stateless'), modern('fail in version "%s", and say which there are')],
  },
  {
    id: 'modern-http-unknown-method',
    says: 'A method that there is not is refused with 404 and -32601, those of the handshake era among them.',
    links: [`${page}#protocol-version-header`],
    proof: [
      scenario('2026-07-28', 'server-stateless'),
      testsOf('gateway-runtime/protocol/request-meta.test.ts')('%s does not exist in the modern era'),
    ],
  },
  {
    id: 'modern-http-method-header',
    says: 'A request whose Mcp-Method is missing or not its method is refused with 400 and -32020.',
    links: [`${page}#standard-request-headers`, `${page}#server-validation`],
    proof: [modern('with %s fail')],
  },
  {
    id: 'modern-http-name-header',
    says: 'A request whose Mcp-Name is missing or not its name or URI is refused with 400 and -32020.',
    links: [`${page}#standard-request-headers`, `${page}#server-validation`],
    proof: [modern('with %s fail')],
  },
  {
    id: 'modern-http-encoded-headers',
    says: 'Values in Base64 are decoded before they are compared; values that cannot be are refused.',
    links: [`${page}#value-encoding`, `${page}#server-validation`],
    proof: [modern('with %s are read'), modern('with %s fail'), paramHeaders('%s')],
  },
  {
    id: 'modern-http-header-case',
    says: 'Names of headers are the same in any case, their values are not.',
    links: [`${page}#case-sensitivity`],
    proof: [modern('with %s are read')],
  },
  {
    id: 'modern-http-renamed-headers',
    says: 'Towards a backend Mcp-Method, Mcp-Name and the body name the same, the name that the backend knows.',
    links: [`${page}#standard-request-headers`],
    proof: [
      modernBackend('headers name what is asked for, and the arguments that the tool wants there'),
      clientScenario('2026-07-28', 'http-standard-headers'),
    ],
  },
  {
    id: 'modern-http-param-headers',
    says: 'Arguments that the schema of a tool mirrors stand in headers towards the backend, encoded where needed.',
    links: [`${page}#custom-headers-from-tool-parameters`, `${page}#value-encoding`],
    proof: [
      paramHeaders('%j is said in headers'),
      modernBackend('headers name what is asked for, and the arguments that the tool wants there'),
      clientScenario('2026-07-28', 'http-custom-headers'),
    ],
  },
  {
    id: 'modern-http-param-headers-checked',
    says: 'A header of an argument that is missing or not the argument is refused with 400 and -32020.',
    links: [`${page}#server-behavior-for-custom-headers`],
    proof: [modern('with %s fail'), paramHeaders('%s')],
  },
  {
    id: 'modern-http-param-numbers',
    says: 'Integers in headers are compared as numbers.',
    links: [`${page}#server-validation`],
    proof: [paramHeaders('%s')],
  },
  {
    id: 'modern-http-invalid-annotation',
    says: 'A tool whose schema mirrors arguments in a way that is not allowed is left out, and the log says so.',
    links: [`${page}#schema-extension`, '2026-07-28/server/tools#x-mcp-header'],
    proof: [
      paramHeaders('an annotation %s is a fault'),
      hostileModern('tools with annotations against the rules are left out and named, the others stay as they are'),
      clientScenario('2026-07-28', 'http-invalid-tool-headers'),
    ],
  },
  {
    id: 'modern-http-headers-refused-upstream',
    says: 'A backend that refuses headers is asked for its tools again.',
    links: [`${page}#client-behavior`],
    proof: [
      modernBackend('a call without the headers that its tool wants is sent again with them'),
      hostileModern('a tool that finds fault with headers for ever is called once more at most'),
    ],
  },
  {
    id: 'modern-http-no-session',
    says: 'The id of a session on a request of this era is ignored, and none is given.',
    links: [`${page}#earlier-streamable-http-revisions`],
    proof: [modern('need no client info, no session and no earlier request')],
  },
  {
    id: 'modern-http-stream-lost',
    says: 'A stream that breaks loses its request; it is not resumed.',
    links: [`${page}#earlier-streamable-http-revisions`],
    proof: [modern('have no event ids, since nothing can be resumed')],
  },
  {
    id: 'modern-http-era-of-backend',
    says: 'Whether a backend is of this era is told by its answer: known errors mean that it is, others that it is not.',
    links: [`${page}#backward-compatibility`],
    proof: [negotiation('%s means the legacy era'), negotiation('a server that %s gets no handshake')],
  },
];
