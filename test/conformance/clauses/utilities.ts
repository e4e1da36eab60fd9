import { type Clause, scenario, testsOf } from './clause';

const streaming = testsOf('gateway-runtime/streaming.test.ts');
const aggregation = testsOf('gateway-runtime/aggregation.test.ts');
const asks = testsOf('gateway-runtime/http/asks.test.ts');
const catalog = testsOf('gateway-runtime/routing/catalog.test.ts');
const modern = testsOf('gateway-runtime/http/modern-endpoint.test.ts');
const desktop = testsOf('gateway-runtime/stdio/clients.test.ts');
const hostileModern = testsOf('gateway-runtime/mcp/hostile-modern.test.ts');
const modernBackend = testsOf('gateway-runtime/mcp/modern-http.test.ts');
const pages = testsOf('gateway-runtime/routing/pages.test.ts');
const caching = testsOf('gateway-runtime/routing/caching.test.ts');
const news = testsOf('gateway-runtime/routing/news.test.ts');

const cachingPage = '2026-07-28/server/utilities/caching';
const subscriptions = '2026-07-28/basic/patterns/subscriptions';

/** Progress, cancellation, logs, completions, pages, caching and subscriptions. */
export const utilities: readonly Clause[] = [
  {
    id: 'progress-token',
    says: "Progress carries the client's own token, a string or an integer, and goes to no other client.",
    links: ['2025-11-25/basic/utilities/progress#progress-flow', '2026-07-28/basic/patterns/progress#progress-flow'],
    proof: [
      streaming("progress keeps the client's token and a long call alive"),
      scenario('2025-11-25', 'tools-call-with-progress'),
      scenario('2026-07-28', 'tools-call-with-progress'),
    ],
  },
  {
    id: 'progress-ends',
    says: 'No progress follows the answer.',
    links: [
      '2025-11-25/basic/utilities/progress#implementation-notes',
      '2026-07-28/basic/patterns/progress#implementation-notes',
    ],
    proof: [
      testsOf('gateway-runtime/http/event-stream.test.ts')(
        'a message that comes after the end of a stream that is still being sent goes nowhere',
      ),
    ],
  },
  {
    id: 'cancel-reaches-backend',
    says: 'A cancelled request is cancelled at its backend, and gets no answer.',
    links: ['2025-11-25/basic/utilities/cancellation#behavior-requirements'],
    proof: [streaming('a cancelled call is cancelled at the backend and gets no answer')],
  },
  {
    id: 'cancel-own-only',
    says: 'A cancellation of what is not known, or of somebody else, is ignored.',
    links: [
      '2025-11-25/basic/utilities/cancellation#error-handling',
      '2026-07-28/basic/patterns/cancellation#error-handling',
    ],
    proof: [streaming('a client cannot cancel the call of another')],
  },
  {
    id: 'cancel-by-backend',
    says: 'A backend may take back a question; the client is told.',
    links: ['2025-11-25/basic/utilities/cancellation#cancellation-flow'],
    proof: [asks('a question ends when its request is cancelled, and the client is told')],
  },
  {
    id: 'cancel-modern-server',
    says: 'Clients of the stateless era are sent no cancellation, except of a subscription.',
    links: ['2026-07-28/basic/patterns/cancellation#behavior-requirements'],
    proof: [news('a modern client is not told that a legacy backend takes back what it asked')],
  },
  {
    id: 'logging-level',
    says: 'A client hears messages of the level it set and above.',
    links: ['2025-11-25/server/utilities/logging#setting-log-level'],
    proof: [
      streaming('log messages reach the caller only, from the level it asked for'),
      scenario('2025-11-25', 'logging-set-level'),
    ],
  },
  {
    id: 'logging-level-unknown',
    says: 'A level that there is not is refused with -32602.',
    links: ['2025-11-25/server/utilities/logging#error-handling', '2026-07-28/server/utilities/logging#error-handling'],
    proof: [aggregation('fails when %s gets %j')],
  },
  {
    id: 'logging-own-request',
    says: 'A log message goes to the caller whose request it is about, and to nobody where that is not known.',
    links: ['2026-07-28/server/utilities/logging#per-request-log-level'],
    proof: [
      testsOf('gateway-runtime/mcp/stdio.test.ts')(
        'a log message that cannot be attributed to one caller reaches nobody',
      ),
    ],
  },
  {
    id: 'logging-per-request',
    says: 'A request of the stateless era without a level hears no log messages.',
    links: ['2026-07-28/server/utilities/logging#per-request-log-level'],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'completion',
    says: 'Completions go to the backend of the prompt or template, with their context.',
    links: [
      '2025-11-25/server/utilities/completion#requesting-completions',
      '2026-07-28/server/utilities/completion#requesting-completions',
    ],
    proof: [
      aggregation('completions go to the backend of the template'),
      scenario('2025-11-25', 'completion-complete'),
      scenario('2026-07-28', 'completion-complete'),
    ],
  },
  {
    id: 'pagination-backend',
    says: 'Every page of a backend is read, whatever its cursors look like.',
    links: [
      '2025-11-25/server/utilities/pagination#implementation-guidelines',
      '2026-07-28/server/utilities/pagination#implementation-guidelines',
    ],
    proof: [catalog('what the gateway does not understand passes unchanged, on every page')],
  },
  {
    id: 'pagination-own',
    says: 'Long lists come in pages, each with a cursor for the next one.',
    links: [
      '2025-11-25/server/utilities/pagination#response-format',
      '2026-07-28/server/utilities/pagination#response-format',
    ],
    proof: [pages('a longer one comes in pages, each item once'), pages('a client reads every list page by page')],
  },
  {
    id: 'pagination-cursor-unknown',
    says: 'A cursor that was not given is refused with -32602.',
    links: [
      '2025-11-25/server/utilities/pagination#error-handling',
      '2026-07-28/server/utilities/pagination#error-handling',
    ],
    proof: [pages('fails when the cursor is %s')],
  },
  {
    id: 'caching-hints',
    says: 'Lists, discovery and contents of resources say how long they are good, at least 0 ms, and for whom.',
    links: [`${cachingPage}#cacheable-results`, `${cachingPage}#time-to-live-ttl-field`],
    proof: [scenario('2026-07-28', 'caching')],
  },
  {
    id: 'caching-scope',
    says: 'What depends on the caller is private, on every page.',
    links: [
      `${cachingPage}#cache-scope-field`,
      `${cachingPage}#interaction-with-pagination`,
      `${cachingPage}#security-considerations`,
    ],
    proof: [caching('what callers with names see is private, whatever a backend says that knows the gateway only')],
  },
  {
    id: 'caching-merged',
    says: 'A list of several backends is good as long as its shortest part, and private as soon as one part is.',
    links: [`${cachingPage}#time-to-live-ttl-field`, `${cachingPage}#cache-scope-field`],
    proof: [caching('a list is good as long as its shortest part, and private as soon as one part is')],
  },
  {
    id: 'subscriptions-acknowledged',
    says: 'A subscription begins with what of it is honored.',
    links: [`${subscriptions}#acknowledgment`],
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'subscriptions-filter',
    says: 'Nothing is sent that was not asked for.',
    links: [`${subscriptions}#opening-a-stream`],
    proof: [
      scenario('2026-07-28', 'server-stateless'),
      news('reach a modern client that asked for them, and no other'),
    ],
  },
  {
    id: 'subscriptions-tagged',
    says: 'Everything that is sent names its subscription.',
    links: [`${subscriptions}#receiving-notifications`, '2026-07-28/basic/index#_meta'],
    proof: [scenario('2026-07-28', 'server-stateless'), modern('of news name their subscription in every message')],
  },
  {
    id: 'subscriptions-several',
    says: 'A client may have several subscriptions, and each gets what it asked for.',
    links: [`${subscriptions}#multiple-concurrent-subscriptions`],
    proof: [desktop('a client of SDK v2 listens, in several subscriptions at once')],
  },
  {
    id: 'subscriptions-closed',
    says: 'A subscription that the gateway ends is ended with a result.',
    links: [`${subscriptions}#graceful-closure`],
    proof: [modern('streams of news end with a result when the gateway does')],
  },
  {
    id: 'subscriptions-backend-again',
    says: 'A subscription at a backend that breaks is opened again.',
    links: [`${subscriptions}#graceful-closure`],
    proof: [
      hostileModern('that is %s is asked for again, later each time'),
      modernBackend('that may have happened while the stream was broken are told when it is back'),
    ],
  },
];
