import { type Clause, clientScenario, scenario, testsOf } from './clause';

const endpoint = testsOf('gateway-runtime/http/mcp-endpoint.test.ts');
const origin = testsOf('gateway-runtime/http/origin-guard.test.ts');
const asks = testsOf('gateway-runtime/http/asks.test.ts');
const streaming = testsOf('gateway-runtime/streaming.test.ts');
const resilience = testsOf('gateway-runtime/resilience.test.ts');
const resumability = testsOf('gateway-runtime/http/resumability.test.ts');
const legacyBackend = testsOf('gateway-runtime/mcp/legacy-http.test.ts');

const page = '2025-11-25/basic/transports';

/** Streamable HTTP of the handshake era, towards clients and towards backends. */
export const httpLegacy: readonly Clause[] = [
  {
    id: 'legacy-http-one-endpoint',
    says: 'One path serves POST and GET.',
    links: [`${page}#streamable-http`],
    proof: [endpoint('fails when %s %s is asked for'), endpoint('a client of the SDK works')],
  },
  {
    id: 'legacy-http-origin',
    says: 'An Origin that is not expected is answered with 403.',
    links: [`${page}#security-warning`],
    proof: [origin('when %s'), scenario('2025-11-25', 'dns-rebinding-protection')],
  },
  {
    id: 'legacy-http-authentication',
    says: 'Callers are authenticated.',
    links: [`${page}#security-warning`],
    proof: [
      testsOf('gateway-runtime/auth/inbound/callers.test.ts')('fails when there is no token, without an error code'),
    ],
  },
  {
    id: 'legacy-http-accept',
    says: 'A client accepts JSON and event streams, and gets one of them.',
    links: [`${page}#sending-messages-to-the-server`],
    proof: [
      endpoint('wildcards and a missing Accept are enough'),
      streaming('the answer is plain JSON when nothing is said before it'),
      streaming('the answer is an event stream with keep-alive comments otherwise'),
    ],
  },
  {
    id: 'legacy-http-single-message',
    says: 'A POST holds a single message; only 2025-03-26 has batches.',
    links: [`${page}#sending-messages-to-the-server`, '2025-03-26/basic/transports#sending-messages-to-the-server'],
    proof: [
      endpoint('batches work in 2025-03-26 and in no other version'),
      endpoint('batches are for clients that speak 2025-03-26 or do not say'),
    ],
  },
  {
    id: 'legacy-http-accepted',
    says: 'Notifications and responses are answered with 202 and no body.',
    links: [`${page}#sending-messages-to-the-server`],
    proof: [endpoint('notifications and answers are accepted without an answer')],
  },
  {
    id: 'legacy-http-refused',
    says: 'Input that cannot be accepted is answered with an HTTP error.',
    links: [`${page}#sending-messages-to-the-server`],
    proof: [endpoint('fails when %s')],
  },
  {
    id: 'legacy-http-stream-ends',
    says: 'The stream of a request ends after its response.',
    links: [`${page}#sending-messages-to-the-server`],
    proof: [scenario('2025-11-25', 'tools-call-with-logging')],
  },
  {
    id: 'legacy-http-related',
    says: 'What a server says on the stream of a request belongs to that request.',
    links: [`${page}#sending-messages-to-the-server`],
    proof: [
      asks('a question goes out on the stream of its request, and its answer comes back'),
      streaming('log messages reach the caller only, from the level it asked for'),
    ],
  },
  {
    id: 'legacy-http-listen',
    says: 'GET opens a stream for what belongs to no request, or is refused with 405.',
    links: [`${page}#listening-for-messages-from-the-server`],
    proof: [
      endpoint('two streams of one session do not disturb each other'),
      endpoint('fails when %s is used'),
      resumability('a client that listens for news goes on after the last one it got'),
    ],
  },
  {
    id: 'legacy-http-one-stream-each',
    says: 'A message goes out on one stream, never on several.',
    links: [`${page}#multiple-connections`],
    proof: [scenario('2025-11-25', 'server-sse-multiple-streams')],
  },
  {
    id: 'legacy-http-event-ids',
    says: 'Ids of events are unique in their session and tell the stream they are of.',
    links: [`${page}#resumability-and-redelivery`],
    proof: [
      resumability('a stream begins with the place before its first event, for clients that know what that is'),
      resumability('nothing of other sessions and other streams is ever replayed'),
    ],
  },
  {
    id: 'legacy-http-resume',
    says: 'A client that comes back with the last id it saw gets the rest of that stream, and of no other.',
    links: [`${page}#resumability-and-redelivery`],
    proof: [
      resumability('a client that lost the answer to a call gets what it missed and then the rest'),
      resumability('a client that listens for news goes on after the last one it got'),
      resumability('nothing of other sessions and other streams is ever replayed'),
    ],
  },
  {
    id: 'legacy-http-disconnect-is-no-cancellation',
    says: 'A broken stream does not cancel its request.',
    links: [`${page}#sending-messages-to-the-server`],
    proof: [resumability('finishes a call although its connection breaks')],
  },
  {
    id: 'legacy-http-backend-resume',
    says: 'A stream that a backend closes early is asked for again with the last id, after the time that it said.',
    links: [`${page}#resumability-and-redelivery`],
    proof: [
      legacyBackend('is gone on with after the time the server asks for, and as often as it takes'),
      legacyBackend('is gone on with where its connection broke'),
      clientScenario('2025-11-25', 'sse-retry'),
    ],
  },
  {
    id: 'legacy-http-session-id',
    says: 'Ids of sessions are unguessable and of visible ASCII.',
    links: [`${page}#session-management`],
    proof: [endpoint('session ids are long, random and visible ASCII')],
  },
  {
    id: 'legacy-http-session-required',
    says: 'A request without the id of its session is answered with 400.',
    links: [`${page}#session-management`],
    proof: [endpoint('fails when the session id is missing (400) or unknown (404)')],
  },
  {
    id: 'legacy-http-session-ended',
    says: 'A request of a session that ended is answered with 404.',
    links: [`${page}#session-management`],
    proof: [
      endpoint('fails when the session id is missing (400) or unknown (404)'),
      endpoint('a session that nobody uses expires, one that is listened to does not'),
    ],
  },
  {
    id: 'legacy-http-session-delete',
    says: 'DELETE ends a session.',
    links: [`${page}#session-management`],
    proof: [endpoint('a session serves its owner until it is deleted')],
  },
  {
    id: 'legacy-http-session-bound',
    says: 'A session serves who opened it and nobody else.',
    links: [`${page}#session-management`],
    proof: [endpoint('fails when somebody else uses a session')],
  },
  {
    id: 'legacy-http-backend-session-lost',
    says: 'A backend that answers 404 to a session is initialized again.',
    links: [`${page}#session-management`],
    proof: [resilience('a backend that forgot its session is initialized again once, and no call notices')],
  },
  {
    id: 'legacy-http-backend-session-ended',
    says: 'A session at a backend that is no longer needed is deleted.',
    links: [`${page}#session-management`],
    proof: [
      testsOf('gateway-runtime/routing/questions.test.ts')('the session of a client at the backend ends with its own'),
    ],
  },
  {
    id: 'legacy-http-version-header',
    says: 'A version in the header that is not supported is answered with 400.',
    links: [`${page}#protocol-version-header`],
    proof: [endpoint('fails when %s')],
  },
];
