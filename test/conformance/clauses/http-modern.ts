import { type Clause, scenario, testsOf } from './clause';

const origin = testsOf('gateway-runtime/http/origin-guard.test.ts');
const paramHeaders = testsOf('gateway-runtime/protocol/param-headers.test.ts');

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
    id: 'modern-http-answer-kinds',
    says: 'A request is answered with JSON or with an event stream; of a backend both are understood.',
    links: [`${page}#sending-messages`],
    proof: [scenario('2026-07-28', 'server-sse-multiple-streams'), scenario('2026-07-28', 'tools-call-with-progress')],
  },
  {
    id: 'modern-http-no-requests',
    says: 'The stream of a request carries notifications and its response, never a request.',
    links: [`${page}#receiving-messages`],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'modern-http-version-header',
    says: 'A version in the header that is not that of the body, or none, is refused with 400 and -32020.',
    links: [`${page}#protocol-version-header`],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'modern-http-unsupported-version',
    says: 'A version that is not supported is refused with 400 and -32022, with those that are.',
    links: [`${page}#protocol-version-header`, '2026-07-28/basic/versioning#protocol-version-negotiation'],
    proof: [scenario('2026-07-28', 'server-stateless')],
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
    id: 'modern-http-param-headers',
    says: 'Arguments that the schema of a tool mirrors stand in headers towards the backend, encoded where needed.',
    links: [`${page}#custom-headers-from-tool-parameters`, `${page}#value-encoding`],
    proof: [paramHeaders('%j is said in headers')],
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
    proof: [paramHeaders('an annotation %s is a fault')],
  },
];
