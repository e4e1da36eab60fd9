import { type Clause, clientScenario, scenario, testsOf } from './clause';

const hostileClients = testsOf('gateway-runtime/hostile-clients.test.ts');
const hostileBackends = testsOf('gateway-runtime/hostile-backends.test.ts');
const catalog = testsOf('gateway-runtime/routing/catalog.test.ts');
const endpoint = testsOf('gateway-runtime/http/mcp-endpoint.test.ts');
const resilience = testsOf('gateway-runtime/resilience.test.ts');
const modern = testsOf('gateway-runtime/http/modern-endpoint.test.ts');
const payload = testsOf('gateway-runtime/peers/payload.property.test.ts');
const modernBackend = testsOf('gateway-runtime/mcp/modern-http.test.ts');
const eraTests = testsOf('gateway-runtime/routing/eras.test.ts');
const traces = testsOf('gateway-runtime/observability/traces.test.ts');

const [legacyPage, modernPage] = ['2025-11-25/basic/index', '2026-07-28/basic/index'];

/** JSON-RPC, `_meta`, schemas and errors: what every transport of both eras shares. */
export const messages: readonly Clause[] = [
  {
    id: 'messages-utf8',
    says: 'Messages are UTF-8.',
    links: ['2025-11-25/basic/transports#transports', '2026-07-28/basic/transports/index#messages'],
    proof: [hostileClients('fails when the body is not UTF-8')],
  },
  {
    id: 'messages-id-types',
    says: 'An id is a string or an integer, and comes back as it was.',
    links: [`${legacyPage}#requests`, `${modernPage}#requests`],
    proof: [hostileClients('the id %s comes back as it was'), modern('may have any legal id')],
  },
  {
    id: 'messages-id-not-null',
    says: 'A request whose id is null is refused.',
    links: [`${legacyPage}#requests`, `${modernPage}#requests`],
    proof: [endpoint('fails when %s')],
  },
  {
    id: 'messages-id-unique',
    says: 'Ids towards a backend are never used twice, whatever ids clients use.',
    links: [`${legacyPage}#requests`, `${modernPage}#requests`],
    proof: [resilience('1,000 calls with the same id at once: none lost, none crossed')],
  },
  {
    id: 'messages-error-shape',
    says: 'An error has an integer code and a message, under the id of its request.',
    links: [`${legacyPage}#error-responses`, `${modernPage}#error-responses`],
    proof: [
      testsOf('gateway-runtime/aggregation.test.ts')('fails when %s gets %j'),
      scenario('2026-07-28', 'server-stateless'),
      modern('fail with the id %j'),
    ],
  },
  {
    id: 'messages-notification-no-answer',
    says: 'A notification is not answered.',
    links: [`${legacyPage}#notifications`, `${modernPage}#notifications`],
    proof: [endpoint('notifications and answers are accepted without an answer')],
  },
  {
    id: 'messages-unknown-members',
    says: 'What the gateway does not know passes unchanged, `_meta` included.',
    links: [`${legacyPage}#_meta`, `${modernPage}#_meta`],
    proof: [
      catalog('what the gateway does not understand passes unchanged, on every page'),
      payload('gets and gives any JSON to and from a client of the %s era'),
    ],
  },
  {
    id: 'messages-malformed-backend',
    says: 'A message of a backend that is not JSON-RPC is not taken for an answer.',
    links: [`${legacyPage}#messages`, `${modernPage}#messages`],
    proof: [hostileBackends('answers with %j, which is not JSON-RPC')],
  },
  {
    id: 'messages-schema-dialect',
    says: 'Schemas of any dialect pass with every keyword.',
    links: [`${legacyPage}#json-schema-usage`, `${modernPage}#json-schema-usage`],
    proof: [catalog('what the gateway does not understand passes unchanged, on every page')],
  },
  {
    id: 'messages-no-remote-references',
    says: 'References in schemas are not fetched.',
    links: [`${modernPage}#ref-resolution`],
    proof: [clientScenario('2026-07-28', 'json-schema-ref-no-deref')],
  },
  {
    id: 'messages-result-type',
    says: 'Each result says its type; of a backend, no type means complete.',
    links: [`${modernPage}#resulttype`],
    proof: [scenario('2026-07-28', 'input-required-result-result-type')],
  },
  {
    id: 'messages-result-type-extension',
    says: 'A type of result that an extension adds reaches the client, which knows whether it is valid.',
    links: [`${modernPage}#resulttype`],
    proof: [modern('keep the kind of result they got')],
  },
  {
    id: 'messages-no-reused-codes',
    says: 'Codes that the specification gave up, such as -32002 and -32042, are not sent.',
    links: [`${modernPage}#error-codes`],
    proof: [
      modern('that fail with %s are answered with HTTP %s and %s'),
      eraTests('is asked to visit a URL where the backend refuses until that is done'),
    ],
  },
  {
    id: 'messages-trace',
    says: 'Trace context in `_meta` follows W3C and reaches the backend.',
    links: [`${modernPage}#_meta`],
    proof: [
      traces('_meta knows the parent better than the HTTP request, and keeps what else is in it'),
      traces('a call becomes a span below the one of its caller, and the backend goes on below that'),
    ],
  },
  {
    id: 'messages-meta-required',
    says: 'A request without its version or the capabilities of its client is refused with -32602, on HTTP with 400.',
    links: [`${modernPage}#_meta`],
    proof: [scenario('2026-07-28', 'server-stateless'), modern('fail with %s')],
  },
  {
    id: 'messages-client-info-optional',
    says: 'A request need not say who its client is.',
    links: [`${modernPage}#_meta`],
    proof: [
      scenario('2026-07-28', 'server-stateless'),
      modern('need no client info, no session and no earlier request'),
    ],
  },
  {
    id: 'messages-undeclared-capability',
    says: 'What needs a capability that the client did not declare is refused with -32021, on HTTP with 400.',
    links: [`${modernPage}#_meta`],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'messages-own-meta-upstream',
    says: 'Towards a backend the gateway says its own version and name, and of capabilities what its caller has.',
    links: [`${modernPage}#_meta`],
    proof: [
      modernBackend('each request says who asks and keeps what else the caller says'),
      clientScenario('2026-07-28', 'request-metadata'),
    ],
  },
  {
    id: 'messages-server-info',
    says: 'Results say who the server is.',
    links: [`${modernPage}#_meta`],
    proof: [scenario('2026-07-28', 'server-stateless'), modern('say who makes them, and results say who answers')],
  },
  {
    id: 'messages-stateless',
    says: 'No request depends on an earlier one.',
    links: [`${modernPage}#statelessness`],
    proof: [
      scenario('2026-07-28', 'server-stateless'),
      modern('need no client info, no session and no earlier request'),
    ],
  },
];
