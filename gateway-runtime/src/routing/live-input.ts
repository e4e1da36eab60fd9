import { type Abortable, toAbortSignal } from '../contracts/abortable.js';
import type { JsonObject } from '../contracts/json-rpc.js';
import type { AnswerRequest } from '../contracts/upstream.js';
import { UpstreamError } from '../errors.js';
import { type InputRequired, inputRequiredOf } from '../protocol/input-required.js';

/** Rounds of questions in one request at most; a backend that never has enough would ask for ever. */
const mostRounds = 20;

/** Questions in one round at most. */
const mostQuestions = 20;

/**
 * Finishes a request to a modern backend for a legacy client: what the backend needs to know is asked while the client waits.
 *
 * @param first The first result.
 * @param again Sends the request again with these members more.
 * @returns the complete result. @throws {RpcError} as the client answered @throws {UpstreamError} when the backend asks too much
 */
export async function answerLive(
  first: unknown,
  again: (members: JsonObject) => Promise<unknown>,
  ask: AnswerRequest,
  signal: Abortable,
): Promise<unknown> {
  let result = first;
  for (let round = 0; round < mostRounds; round++) {
    const required = inputRequiredOf(result);
    if (!required) return result;
    result = await again(await answersTo(required, ask, signal));
  }
  throw new UpstreamError(`asked for input ${mostRounds} times in one request`);
}

async function answersTo({ inputRequests, requestState }: InputRequired, ask: AnswerRequest, signal: Abortable) {
  const questions = Object.entries(inputRequests);
  if (questions.length > mostQuestions) throw new UpstreamError(`asked more than ${mostQuestions} questions at once`);
  const answers = await Promise.all(
    questions.map(
      async ([name, { method, params = {} }]) => [name, await ask(method, params, toAbortSignal(signal))] as const,
    ),
  );
  return { inputResponses: Object.fromEntries(answers), ...(requestState !== undefined && { requestState }) };
}
