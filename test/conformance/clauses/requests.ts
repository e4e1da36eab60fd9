import { type Clause, clientScenario, scenario, testsOf } from './clause';

const asks = testsOf('gateway-runtime/http/asks.test.ts');
const questions = testsOf('gateway-runtime/routing/questions.test.ts');
const live = testsOf('gateway-runtime/routing/live-input.test.ts');
const parked = testsOf('gateway-runtime/routing/parked-calls.test.ts');
const states = testsOf('gateway-runtime/routing/request-states.test.ts');
const eraTests = testsOf('gateway-runtime/routing/eras.test.ts');
const asked = testsOf('gateway-runtime/protocol/questions.test.ts');

const mrtr = '2026-07-28/basic/patterns/mrtr';
const elicitation = '2025-11-25/client/elicitation';

/** What servers ask of clients: elicitation, sampling and roots, live or in results. */
export const requests: readonly Clause[] = [
  {
    id: 'requests-elicitation',
    says: 'A form of a backend reaches the user with every member of its schema, and the answer reaches the backend.',
    links: [`${elicitation}#form-mode-elicitation-requests`],
    proof: [
      scenario('2025-11-25', 'tools-call-elicitation'),
      scenario('2025-11-25', 'elicitation-sep1034-defaults'),
      scenario('2025-11-25', 'elicitation-sep1330-enums'),
      clientScenario('2025-11-25', 'elicitation-sep1034-client-defaults'),
    ],
  },
  {
    id: 'requests-elicitation-modes',
    says: 'A client is asked in the modes it declared only.',
    links: [`${elicitation}#capabilities`, '2026-07-28/client/elicitation#capabilities'],
    proof: [questions('a client is asked in the modes that it declared'), asked('a client can be asked for %s')],
  },
  {
    id: 'requests-elicitation-url',
    says: 'A URL to open reaches the client as it is, and so does the news that the user is done there.',
    links: [
      `${elicitation}#url-mode-elicitation-requests`,
      `${elicitation}#completion-notifications-for-url-mode-elicitation`,
    ],
    proof: [questions('a URL to visit reaches the client as it is, and so does the news that it was visited')],
  },
  {
    id: 'requests-elicitation-required',
    says: 'The error that asks to open a URL first passes with its elicitations.',
    links: [`${elicitation}#url-elicitation-required-error`],
    proof: [questions('the error that asks to visit a URL first passes with what is to be visited')],
  },
  {
    id: 'requests-elicitation-bound',
    says: 'A question belongs to the caller whose request raised it; nobody else sees it or answers it.',
    links: [`${elicitation}#security-considerations`, '2026-07-28/client/elicitation#security-considerations'],
    proof: [
      questions('each client is asked about its own calls only'),
      asks('nobody else can answer, nobody twice, and answers to nothing are ignored'),
    ],
  },
  {
    id: 'requests-refusals',
    says: 'That a user declines or cancels, or a client fails, reaches the backend as it is.',
    links: [`${elicitation}#response-actions`, '2026-07-28/client/elicitation#error-handling'],
    proof: [
      asks('an error of the client is the answer, with its code and data'),
      live('a client that refuses to answer refuses the request'),
    ],
  },
  {
    id: 'requests-sampling',
    says: 'A question to the model of a client reaches it, and the answer reaches the backend.',
    links: ['2025-11-25/client/sampling#creating-messages'],
    proof: [scenario('2025-11-25', 'tools-call-sampling'), questions('sampling and roots reach the client, too')],
  },
  {
    id: 'requests-sampling-tools',
    says: 'Tools in a sampling are passed to clients that declared them only.',
    links: ['2025-11-25/client/sampling#tools-in-sampling', '2026-07-28/client/sampling#tools-in-sampling'],
    proof: [questions('tools in a sampling are for clients that declared them'), asked('a client can be asked for %s')],
  },
  {
    id: 'requests-roots',
    says: 'A backend that asks for roots gets those of its client.',
    links: ['2025-11-25/client/roots#listing-roots'],
    proof: [questions('sampling and roots reach the client, too')],
  },
  {
    id: 'requests-roots-changed',
    says: 'That the roots of a client changed reaches the backends that have a session of it, and no others.',
    links: ['2025-11-25/client/roots#root-list-changes'],
    proof: [questions('clients that say that their roots changed are heard by their own session')],
  },
  {
    id: 'requests-undeclared',
    says: 'A client is not asked for what it did not declare; the backend hears that it cannot be asked.',
    links: ['2025-11-25/client/roots#error-handling', '2025-11-25/basic/lifecycle#capability-negotiation'],
    proof: [
      questions('a backend is told what its client can do, and nothing of a client that can do nothing'),
      eraTests('cannot ask a legacy client that did not say that it answers'),
    ],
  },
  {
    id: 'requests-mrtr-only',
    says: 'In the stateless era clients are asked in results of tools/call, prompts/get and resources/read, nowhere else.',
    links: [`${mrtr}#supported-requests`],
    proof: [
      scenario('2026-07-28', 'input-required-result-unsupported-methods'),
      scenario('2026-07-28', 'input-required-result-non-tool-request'),
    ],
  },
  {
    id: 'requests-mrtr-kinds',
    says: 'What is asked for is an elicitation, a sampling or the roots, each under a key of its own.',
    links: [`${mrtr}#inputrequests`, `${mrtr}#server-requirements-basic-workflow`],
    proof: [
      scenario('2026-07-28', 'input-required-result-basic-elicitation'),
      scenario('2026-07-28', 'input-required-result-basic-sampling'),
      scenario('2026-07-28', 'input-required-result-basic-list-roots'),
      scenario('2026-07-28', 'input-required-result-multiple-input-requests'),
    ],
  },
  {
    id: 'requests-mrtr-rounds',
    says: 'A request may take several rounds.',
    links: [`${mrtr}#basic-workflow`],
    proof: [scenario('2026-07-28', 'input-required-result-multi-round')],
  },
  {
    id: 'requests-mrtr-capabilities',
    says: 'Nothing is asked that the client did not declare.',
    links: [`${mrtr}#server-requirements-basic-workflow`],
    proof: [
      scenario('2026-07-28', 'input-required-result-capability-check'),
      eraTests('is not asked what it did not say it can answer'),
    ],
  },
  {
    id: 'requests-mrtr-state-protected',
    says: 'A state that was changed, or is of another caller, method or parameters, is refused.',
    links: [`${mrtr}#server-requirements-basic-workflow`, `${mrtr}#security-considerations`],
    proof: [
      states('is refused when any part of it is changed, cut or made up'),
      states('is refused with %s'),
      scenario('2026-07-28', 'input-required-result-tampered-state'),
      eraTests('can neither lend the state of its request nor use it with another'),
    ],
  },
  {
    id: 'requests-mrtr-state-lapses',
    says: 'A state is good for a short time.',
    links: [`${mrtr}#server-requirements-basic-workflow`],
    proof: [states('lapses')],
  },
  {
    id: 'requests-mrtr-once',
    says: 'What may go on once only goes on once, even if its state comes twice.',
    links: [`${mrtr}#server-requirements-basic-workflow`],
    proof: [parked('a call goes on for its caller only, and only once')],
  },
  {
    id: 'requests-mrtr-missing',
    says: 'What is missing of the answers is asked for again.',
    links: [`${mrtr}#error-handling`],
    proof: [
      scenario('2026-07-28', 'input-required-result-missing-input-response'),
      parked('questions at the same time come together, and what is not answered is asked again'),
    ],
  },
  {
    id: 'requests-mrtr-extra',
    says: 'What nobody asked for is ignored.',
    links: [`${mrtr}#error-handling`],
    proof: [scenario('2026-07-28', 'input-required-result-ignore-extra-params')],
  },
  {
    id: 'requests-mrtr-validated',
    says: 'Answers that are none are refused or asked for again.',
    links: [`${mrtr}#error-handling`],
    proof: [scenario('2026-07-28', 'input-required-result-validate-input')],
  },
  {
    id: 'requests-mrtr-echoed',
    says: 'A backend gets its state back as it was, with the answers; where it gave none, it gets none.',
    links: [`${mrtr}#client-requirements-basic-workflow`],
    proof: [
      scenario('2026-07-28', 'input-required-result-request-state'),
      live('without a state none is sent, and without questions the request is sent again as it was'),
      clientScenario('2026-07-28', 'sep-2322-client-request-state'),
    ],
  },
  {
    id: 'requests-mrtr-new-id',
    says: 'A request that is sent again has a new id.',
    links: [`${mrtr}#client-requirements-basic-workflow`],
    proof: [clientScenario('2026-07-28', 'sep-2322-client-request-state')],
  },
  {
    id: 'requests-mrtr-may-never-return',
    says: 'A client need not come back: what waits for it ends after a time.',
    links: [`${mrtr}#server-requirements-basic-workflow`],
    proof: [parked('calls that wait have a limit for each caller, and all end with the gateway')],
  },
  {
    id: 'requests-across-live',
    says: 'What a backend of the stateless era asks in a result is asked of a client of the handshake era at once.',
    links: [`${mrtr}#basic-workflow`, `${elicitation}#elicitation-requests`],
    proof: [
      live(
        'every question is asked, and the request is sent again with the answers and the state, until it is complete',
      ),
      eraTests('has its questions asked while a legacy client waits'),
    ],
  },
  {
    id: 'requests-across-parked',
    says: 'What a backend of the handshake era asks live is asked of a client of the stateless era in a result.',
    links: [`${mrtr}#basic-workflow`, `${elicitation}#elicitation-requests`],
    proof: [
      parked('each answer brings a call to its next question, and the last one to its result'),
      eraTests('answers what the backend asks, one question after the other'),
    ],
  },
];
