import { type Call, form, type InputRequest, type Json, Refusal, roots, sampling, type Tool, text } from './call';
import { openState, sealState } from './request-state';

/** Tools of the stateless era: what they need from the client they ask for in their result. */
export const roundTripTools: readonly Tool[] = [
  {
    name: 'test_input_required_result_elicitation',
    description: 'Asks the user for a name',
    run(_args, { inputResponses }) {
      const name = field(inputResponses?.['user_name'], 'name');
      return name === undefined ? need({ user_name: form('What is your name?', 'name') }) : text(`Hello, ${name}!`);
    },
  },
  {
    name: 'test_input_required_result_sampling',
    description: "Asks the client's model",
    run(_args, { inputResponses }) {
      const [sample] = Object.values(inputResponses ?? {}) as Json[];
      if (!sample) return need({ capital_question: sampling('What is the capital of France?') });
      return text(`The model says: ${(sample.content as Json).text}`);
    },
  },
  {
    name: 'test_input_required_result_list_roots',
    description: "Asks for the client's roots",
    run(_args, { inputResponses }) {
      const [answer] = Object.values(inputResponses ?? {}) as Json[];
      return answer ? text(`Roots: ${names(answer)}`) : need({ client_roots: roots });
    },
  },
  {
    name: 'test_input_required_result_request_state',
    description: 'Hands out a state and wants it back',
    run: (_args, call) => confirmWith(call, 'request-state', 'state-ok: the state came back'),
  },
  {
    name: 'test_input_required_result_tampered_state',
    description: 'Hands out a state and refuses one that was changed',
    run: (_args, call) => confirmWith(call, 'tamper-test', 'integrity-ok: the state is as it was'),
  },
  {
    name: 'test_input_required_result_multiple_inputs',
    description: 'Asks for a name, a greeting and roots at once',
    run(_args, { inputResponses = {}, requestState }) {
      const { user_name: user, greeting, client_roots: list } = inputResponses as { readonly [key: string]: Json };
      if (requestState && user && greeting && list) {
        openState(requestState);
        return text(`${(greeting.content as Json).text}, ${field(user, 'name')}, of ${names(list)}`);
      }
      const requests = {
        user_name: form('What is your name?', 'name'),
        greeting: sampling('Generate a greeting'),
        client_roots: roots,
      };
      return need(requests, sealState({}));
    },
  },
  {
    name: 'test_input_required_result_multi_round',
    description: 'Asks for a name, then for a color',
    run(_args, { inputResponses, requestState }) {
      const { name } = requestState ? openState(requestState) : {};
      const given = name ?? field(inputResponses?.['step1'], 'name');
      const color = field(inputResponses?.['step2'], 'color');
      if (given === undefined) return need({ step1: form('Step 1: What is your name?', 'name') }, sealState({}));
      if (color !== undefined) return text(`${given} likes ${color}`);
      return need({ step2: form('Step 2: What is your favorite color?', 'color') }, sealState({ name: given }));
    },
  },
  {
    name: 'test_input_required_result_capabilities',
    description: 'Asks only for what the client can answer',
    run(_args, { capabilities, inputResponses }) {
      if (inputResponses) return text(`Answered: ${Object.keys(inputResponses).join(', ')}`);
      const requests = {
        ...(capabilities.elicitation ? { elicit_input: form('Which value?', 'value') } : {}),
        ...(capabilities.sampling ? { sample_input: sampling('Which value?') } : {}),
      };
      return Object.keys(requests).length > 0 ? need(requests, sealState({})) : text('Nothing can be asked');
    },
  },
  {
    name: 'test_streaming_elicitation',
    description: 'Tells its progress, then asks the user',
    async run(_args, { inputResponses, notify, progressToken }) {
      if (progressToken !== undefined) await notify('notifications/progress', { progressToken, progress: 1, total: 2 });
      return inputResponses ? text('Answered') : need({ value: form('Which value?', 'value') });
    },
  },
];

function confirmWith({ inputResponses, requestState }: Call, kind: string, done: string): Json {
  const state = requestState === undefined ? undefined : openState(requestState);
  if (state?.kind === kind && field(inputResponses?.['confirm'], 'ok') === true) return text(done);
  return need({ confirm: form('Please confirm', 'ok', 'boolean') }, sealState({ kind }));
}

function need(inputRequests: { readonly [key: string]: InputRequest }, requestState?: string): Json {
  return { resultType: 'input_required', inputRequests, ...(requestState === undefined ? {} : { requestState }) };
}

/** What the user filled in; undefined where nothing came or it was declined. */
function field(response: unknown, name: string): unknown {
  const { action, content } = (response ?? {}) as { action?: string; content?: Json };
  return action === undefined || action === 'accept' ? content?.[name] : undefined;
}

function names(answer: Json): string {
  if (!Array.isArray(answer.roots)) throw new Refusal(-32602, 'the roots are not a list');
  return (answer.roots as { name?: string; uri: string }[]).map(({ name, uri }) => name ?? uri).join(', ');
}
