import { type Clause, clientScenario, scenario, testsOf } from './clause';

const aggregation = testsOf('gateway-runtime/aggregation.test.ts');
const catalog = testsOf('gateway-runtime/routing/catalog.test.ts');
const names = testsOf('gateway-runtime/routing/names.test.ts');
const resilience = testsOf('gateway-runtime/resilience.test.ts');
const modernBackend = testsOf('gateway-runtime/mcp/modern-http.test.ts');
const modern = testsOf('gateway-runtime/http/modern-endpoint.test.ts');
const description = testsOf('gateway-runtime/routing/description.test.ts');
const news = testsOf('gateway-runtime/routing/news.test.ts');

const both = (page: string): string[] => [`2025-11-25/server/${page}`, `2026-07-28/server/${page}`];

/** Tools, prompts and resources. */
export const items: readonly Clause[] = [
  {
    id: 'tools-list',
    says: 'Tools are listed with name and schema as their server describes them.',
    links: both('tools#listing-tools'),
    proof: [scenario('2025-11-25', 'tools-list'), scenario('2026-07-28', 'tools-list')],
  },
  {
    id: 'tools-capability',
    says: 'A gateway that lists tools, prompts or resources says so, and answers the lists that it says it has.',
    links: [...both('tools#capabilities'), ...both('prompts#capabilities'), ...both('resources#capabilities')],
    proof: [scenario('2025-11-25', 'server-initialize'), scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'tools-order',
    says: 'The order of tools is always the same.',
    links: ['2026-07-28/server/tools#capabilities'],
    proof: [catalog('a name stays with the backend it was given to, whichever connects later')],
  },
  {
    id: 'tools-not-by-connection',
    says: 'A list does not depend on the connection it is asked on.',
    links: [
      '2026-07-28/server/tools#capabilities',
      '2026-07-28/server/prompts#capabilities',
      '2026-07-28/server/resources#capabilities',
    ],
    proof: [description('a list is the same on every connection, whatever was asked on it before')],
  },
  {
    id: 'tools-names-unique',
    says: 'Each tool has a name of its own, whatever its server calls it.',
    links: both('tools#tool-names'),
    proof: [
      names('names that differ only after the cut stay different, and the same at every start'),
      aggregation('a tool of %s answers'),
    ],
  },
  {
    id: 'tools-names-form',
    says: 'Names of tools have at most 128 letters, digits, "_", "-" and ".".',
    links: both('tools#tool-names'),
    proof: [names('%s is exposed as %s')],
  },
  {
    id: 'tools-call',
    says: 'A call reaches its server with its arguments, and its result comes back with every kind of content.',
    links: both('tools#calling-tools'),
    proof: [
      scenario('2025-11-25', 'tools-call-simple-text'),
      scenario('2025-11-25', 'tools-call-mixed-content'),
      scenario('2026-07-28', 'tools-call-simple-text'),
      scenario('2026-07-28', 'tools-call-mixed-content'),
      clientScenario('2025-11-25', 'tools_call'),
      clientScenario('2026-07-28', 'tools_call'),
    ],
  },
  {
    id: 'tools-content-image',
    says: 'Pictures and sounds pass as they are.',
    links: [...both('tools#image-content'), ...both('tools#audio-content')],
    proof: [
      scenario('2025-11-25', 'tools-call-image'),
      scenario('2025-11-25', 'tools-call-audio'),
      scenario('2026-07-28', 'tools-call-image'),
      scenario('2026-07-28', 'tools-call-audio'),
    ],
  },
  {
    id: 'tools-content-resource',
    says: 'Resources in results pass as they are.',
    links: both('tools#embedded-resources'),
    proof: [
      scenario('2025-11-25', 'tools-call-embedded-resource'),
      scenario('2026-07-28', 'tools-call-embedded-resource'),
    ],
  },
  {
    id: 'tools-structured',
    says: 'Structured results and their schemas pass as they are.',
    links: [...both('tools#structured-content'), ...both('tools#output-schema')],
    proof: [catalog('what the gateway does not understand passes unchanged, on every page')],
  },
  {
    id: 'tools-errors',
    says: 'That a tool failed is a result; that there is no such tool is -32602.',
    links: both('tools#error-handling'),
    proof: [
      aggregation("a tool's own failure is its result"),
      aggregation('fails when %s gets %j'),
      scenario('2025-11-25', 'tools-call-error'),
      scenario('2026-07-28', 'tools-call-error'),
    ],
  },
  {
    id: 'tools-changed',
    says: 'That the tools of a backend changed reaches clients that listen.',
    links: both('tools#list-changed-notification'),
    proof: [
      resilience('tools that a backend adds later appear'),
      scenario('2026-07-28', 'server-stateless'),
      modernBackend('of lists are heard'),
    ],
  },
  {
    id: 'tools-access',
    says: 'Who may not call a tool neither sees it nor calls it.',
    links: both('tools#security-considerations'),
    proof: [
      testsOf('gateway-runtime/auth/inbound/callers.test.ts')('%s sees a tool that needs more: %s'),
      testsOf('gateway-runtime/auth/inbound/callers.test.ts')(
        'fails when a caller lacks a scope of the tool, and says which are needed',
      ),
    ],
  },
  {
    id: 'prompts-list',
    says: 'Prompts are listed with their arguments.',
    links: both('prompts#listing-prompts'),
    proof: [scenario('2025-11-25', 'prompts-list'), scenario('2026-07-28', 'prompts-list')],
  },
  {
    id: 'prompts-get',
    says: 'A prompt comes from its server, with the arguments given.',
    links: both('prompts#getting-a-prompt'),
    proof: [
      scenario('2025-11-25', 'prompts-get-simple'),
      scenario('2025-11-25', 'prompts-get-with-args'),
      scenario('2026-07-28', 'prompts-get-simple'),
      scenario('2026-07-28', 'prompts-get-with-args'),
    ],
  },
  {
    id: 'prompts-content',
    says: 'Pictures and resources in prompts pass as they are.',
    links: [...both('prompts#image-content'), ...both('prompts#embedded-resources')],
    proof: [
      scenario('2025-11-25', 'prompts-get-with-image'),
      scenario('2025-11-25', 'prompts-get-embedded-resource'),
      scenario('2026-07-28', 'prompts-get-with-image'),
      scenario('2026-07-28', 'prompts-get-embedded-resource'),
    ],
  },
  {
    id: 'prompts-errors',
    says: 'A prompt that there is not is -32602.',
    links: both('prompts#error-handling'),
    proof: [aggregation('fails when %s gets %j')],
  },
  {
    id: 'prompts-changed',
    says: 'That the prompts of a backend changed reaches clients that listen.',
    links: both('prompts#list-changed-notification'),
    proof: [scenario('2026-07-28', 'server-stateless')],
  },
  {
    id: 'resources-list',
    says: 'Resources and templates are listed under the URIs that their server gives them.',
    links: [...both('resources#listing-resources'), ...both('resources#resource-templates')],
    proof: [
      aggregation('prompts are namespaced, resources keep their URIs'),
      scenario('2025-11-25', 'resources-list'),
      scenario('2026-07-28', 'resources-list'),
    ],
  },
  {
    id: 'resources-read',
    says: 'A resource, and what a template makes, is read from its server, as text or as bytes.',
    links: both('resources#reading-resources'),
    proof: [
      scenario('2025-11-25', 'resources-read-text'),
      scenario('2025-11-25', 'resources-read-binary'),
      scenario('2025-11-25', 'resources-templates-read'),
      scenario('2026-07-28', 'resources-read-text'),
      scenario('2026-07-28', 'resources-read-binary'),
      scenario('2026-07-28', 'resources-templates-read'),
    ],
  },
  {
    id: 'resources-unknown',
    says: 'A resource that there is not is an error, -32602 in the stateless era, never an empty result.',
    links: both('resources#error-handling'),
    proof: [aggregation('fails when %s gets %j'), scenario('2026-07-28', 'sep-2164-resource-not-found')],
  },
  {
    id: 'resources-unknown-old-code',
    says: 'A backend that says -32002 for a resource that there is not is understood.',
    links: ['2026-07-28/server/resources#error-handling'],
    proof: [modern('that fail with %s are answered with HTTP %s and %s')],
  },
  {
    id: 'resources-subscribe',
    says: 'A client that subscribes hears of changes until it unsubscribes, and others do not.',
    links: ['2025-11-25/server/resources#subscriptions'],
    proof: [
      aggregation('the subscribers of a resource hear that it changed, others do not'),
      scenario('2025-11-25', 'resources-subscribe'),
      scenario('2025-11-25', 'resources-unsubscribe'),
    ],
  },
  {
    id: 'resources-subscribe-modern',
    says: 'A subscription of the stateless era hears of the resources that it names.',
    links: ['2026-07-28/server/resources#subscriptions'],
    proof: [news('reach a modern client that asked for them, and no other')],
  },
  {
    id: 'resources-changed',
    says: 'That the resources of a backend changed reaches clients that listen.',
    links: both('resources#list-changed-notification'),
    proof: [news('reach a legacy client'), news('reach a modern client that asked for them, and no other')],
  },
];
