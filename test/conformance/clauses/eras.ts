import { type Clause, clientScenario, scenario, testsOf } from './clause';

const endpoint = testsOf('gateway-runtime/http/mcp-endpoint.test.ts');
const questions = testsOf('gateway-runtime/routing/questions.test.ts');
const resilience = testsOf('gateway-runtime/resilience.test.ts');
const legacyBackend = testsOf('gateway-runtime/mcp/legacy-http.test.ts');
const negotiation = testsOf('gateway-runtime/mcp/negotiation.test.ts');
const modern = testsOf('gateway-runtime/http/modern-endpoint.test.ts');
const desktopLines = testsOf('gateway-runtime/stdio/lines.test.ts');
const oldSse = testsOf('gateway-runtime/http/sse-endpoint.test.ts');
const scriptedBackends = testsOf('gateway-runtime/hostile-backends.test.ts');
const description = testsOf('gateway-runtime/routing/description.test.ts');

const lifecycle = '2025-11-25/basic/lifecycle';
const versioning = '2026-07-28/basic/versioning';

/** How peers find out what the other one speaks and can do: handshake, discovery, versions, capabilities. */
export const eras: readonly Clause[] = [
  {
    id: 'eras-initialize',
    says: 'A handshake is answered with a version, capabilities and who the server is.',
    links: [`${lifecycle}#initialization`],
    proof: [scenario('2025-11-25', 'server-initialize')],
  },
  {
    id: 'eras-initialize-backend',
    says: 'A backend of the handshake era gets a handshake with a version, capabilities and who the gateway is.',
    links: [`${lifecycle}#initialization`],
    proof: [clientScenario('2025-11-25', 'initialize')],
  },
  {
    id: 'eras-version-given',
    says: 'A client gets the version it asks for where that is supported, and otherwise the newest that is.',
    links: [`${lifecycle}#version-negotiation`],
    proof: [endpoint('a client that asks for %s gets %s')],
  },
  {
    id: 'eras-backend-version',
    says: 'A backend that answers with a version nobody knows is not used.',
    links: [`${lifecycle}#version-negotiation`],
    proof: [scriptedBackends('what agrees to a version that nobody knows is not used')],
  },
  {
    id: 'eras-initialized',
    says: 'A backend is told that the handshake is over before it gets anything else.',
    links: [`${lifecycle}#initialization`],
    proof: [
      testsOf('gateway-runtime/hostile-backends.test.ts')(
        'never takes the end of the handshake is down, not connecting for ever',
      ),
    ],
  },
  {
    id: 'eras-backend-version-header',
    says: 'Requests to a backend after the handshake carry its version.',
    links: ['2025-11-25/basic/transports#protocol-version-header'],
    proof: [legacyBackend('after %s was agreed on, messages name version %s and the session')],
  },
  {
    id: 'eras-capabilities-used',
    says: 'Only what a client declared is asked of it, and only what a backend declared is used of it.',
    links: [`${lifecycle}#operation`, '2026-07-28/basic/index#_meta'],
    proof: [
      questions('a backend is told what its client can do, and nothing of a client that can do nothing'),
      scenario('2026-07-28', 'input-required-result-capability-check'),
    ],
  },
  {
    id: 'eras-instructions',
    says: 'What servers say about their use reaches the client.',
    links: [`${lifecycle}#initialization`],
    proof: [
      testsOf('gateway-runtime/aggregation.test.ts')('a client learns who the gateway is and how to use its backends'),
    ],
  },
  {
    id: 'eras-timeouts',
    says: 'A request that is not answered in time is cancelled; progress may extend that, up to a limit.',
    links: [`${lifecycle}#timeouts`, '2026-07-28/basic/patterns/cancellation#timeouts'],
    proof: [
      testsOf('gateway-runtime/streaming.test.ts')('fails when a backend neither answers nor makes progress in time'),
    ],
  },
  {
    id: 'eras-discover',
    says: 'server/discover tells versions, capabilities and how to use the server.',
    links: ['2026-07-28/server/discover#response', `${versioning}#protocol-version-negotiation`],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'eras-retry-version',
    says: 'A backend that refuses the version is asked in one that it names, if the gateway speaks it.',
    links: [`${versioning}#protocol-version-negotiation`],
    proof: [
      negotiation('a version that was refused is asked for again when the server says it speaks it'),
      clientScenario('2026-07-28', 'request-metadata'),
    ],
  },
  {
    id: 'eras-remembered',
    says: 'The era of a backend is found out once, and again when the backend is replaced.',
    links: [`${versioning}#backward-compatibility-with-initialization-based-versions`],
    proof: [
      negotiation('a %s server of the legacy era costs one more question, once'),
      negotiation('while it was away comes back: first %s'),
      negotiation('in place is noticed with the first call: %s'),
    ],
  },
  {
    id: 'eras-both-at-once',
    says: 'One endpoint serves clients of both eras.',
    links: [`${versioning}#compatibility-matrix`],
    proof: [
      scenario('2025-11-25', 'server-initialize'),
      scenario('2026-07-28', 'server-stateless'),
      modern('goes on at the same endpoint'),
      desktopLines('both eras share the channel'),
    ],
  },
  {
    id: 'eras-extensions',
    says: 'Extensions of backends are told to clients, and those that a peer does not have are not used.',
    links: [`${versioning}#extension-negotiation`],
    proof: [description('extensions that the gateway can pass on are told, and no others')],
  },
  {
    id: 'eras-ping',
    says: 'A ping is answered with nothing.',
    links: ['2025-11-25/basic/utilities/ping#behavior-requirements'],
    proof: [scenario('2025-11-25', 'ping')],
  },
  {
    id: 'eras-ping-backend',
    says: 'A backend that stops answering pings is treated as gone.',
    links: ['2025-11-25/basic/utilities/ping#error-handling'],
    proof: [resilience('a backend that stops answering pings is down')],
  },
  {
    id: 'eras-old-sse',
    says: 'Servers of the HTTP+SSE transport of 2024-11-05 are reached.',
    links: ['2024-11-05/basic/transports#http-with-sse'],
    proof: [testsOf('gateway-runtime/mcp/sse.test.ts')('a backend that dies is named, and heals in the same session')],
  },
  {
    id: 'eras-old-sse-clients',
    says: 'Clients of the HTTP+SSE transport of 2024-11-05 are told where to send, and hear answers on their stream.',
    links: ['2024-11-05/basic/transports#http-with-sse', '2025-11-25/basic/transports#backwards-compatibility'],
    proof: [
      oldSse('everything a session has works: calls, progress, updates, questions'),
      oldSse('messages are taken with 202, and answered on the stream'),
    ],
  },
];
