import { UpstreamError } from '../../../gateway-runtime/src/errors.js';
import { ParkedCalls, type Progress, type RunCall } from '../../../gateway-runtime/src/routing/parked-calls.js';

const never = () => new AbortController().signal;
const round = (owner = 'ada', signal = never()) => ({ owner, signal, notify: () => {} });

/** The id of a call that waits. */
function idOf(progress: Progress): string {
  if (!('parked' in progress)) throw new Error('the call does not wait');
  return progress.parked;
}

/** A backend that wants to know these things one after the other and answers with what it was told. */
function asking(...questions: string[]): RunCall {
  return async ({ ask }) => {
    const told: unknown[] = [];
    for (const message of questions) told.push(await ask('elicitation/create', { message }, never()));
    return { told };
  };
}

test('a call that asks nothing ends at once', async () => {
  expect(await new ParkedCalls().begin(asking(), round())).toEqual({ result: { told: [] } });
});

test('each answer brings a call to its next question, and the last one to its result', async () => {
  const calls = new ParkedCalls();
  const first = await calls.begin(asking('who?', 'when?'), round());
  expect(first).toMatchObject({
    questions: { 'input-1': { method: 'elicitation/create', params: { message: 'who?' } } },
  });
  const second = await calls.resume(idOf(first), { 'input-1': { name: 'ada' } }, round());
  expect(second).toMatchObject({ questions: { 'input-2': { params: { message: 'when?' } } } });
  const last = await calls.resume(idOf(second), { 'input-2': { at: 'noon' } }, round());
  expect(last).toEqual({ result: { told: [{ name: 'ada' }, { at: 'noon' }] } });
});

test('questions at the same time come together, and what is not answered is asked again', async () => {
  const calls = new ParkedCalls();
  const both: RunCall = async ({ ask }) => ({
    told: await Promise.all(['a', 'b'].map((message) => ask('elicitation/create', { message }, never()))),
  });
  const first = await calls.begin(both, round());
  expect(first).toMatchObject({ questions: { 'input-1': {}, 'input-2': {} } });
  const second = await calls.resume(idOf(first), { 'input-2': { b: 1 }, more: {} }, round());
  expect(Object.keys((second as { questions: object }).questions)).toEqual(['input-1']);
  expect(await calls.resume(idOf(second), { 'input-1': { a: 1 } }, round())).toEqual({
    result: { told: [{ a: 1 }, { b: 1 }] },
  });
});

test('a call goes on for its caller only, and only once', async () => {
  const calls = new ParkedCalls();
  const first = idOf(await calls.begin(asking('who?'), round('ada')));
  const gone = /does not wait any more/;
  await expect(calls.resume(first, { 'input-1': {} }, round('eve'))).rejects.toThrow(gone);
  await expect(calls.resume('made-up', {}, round('ada'))).rejects.toThrow(gone);
  await expect(calls.resume(first, [], round('ada'))).rejects.toThrow('inputResponses must be an object');
  await calls.resume(first, { 'input-1': {} }, round('ada'));
  await expect(calls.resume(first, { 'input-1': {} }, round('ada'))).rejects.toThrow(gone);
});

test('a failure comes to whoever waits, in the first round and in a later one', async () => {
  const calls = new ParkedCalls();
  const failing: RunCall = async ({ ask }) => {
    await ask('elicitation/create', {}, never());
    throw new UpstreamError('broke');
  };
  await expect(calls.begin(() => Promise.reject(new UpstreamError('at once')), round())).rejects.toThrow('at once');
  const first = await calls.begin(failing, round());
  await expect(calls.resume(idOf(first), { 'input-1': {} }, round())).rejects.toThrow('broke');
});

test('a client that leaves while it waits ends the call; one that is asked may take its time', async () => {
  const calls = new ParkedCalls();
  const leaving = new AbortController();
  let ended: AbortSignal | undefined;
  const slow: RunCall = ({ signal }) => {
    ended = signal;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new UpstreamError('cancelled'))));
  };
  const begun = calls.begin(slow, round('ada', leaving.signal));
  leaving.abort();
  await expect(begun).rejects.toThrow('cancelled');
  expect(ended?.aborted).toBe(true);

  const left = new AbortController();
  const first = await calls.begin(asking('who?'), round('ada', left.signal));
  left.abort();
  expect(await calls.resume(idOf(first), { 'input-1': {} }, round())).toEqual({ result: { told: [{}] } });
});

test('what a backend says goes to the round that waits', async () => {
  const calls = new ParkedCalls();
  const heard: string[] = [];
  const telling: RunCall = async ({ ask, notify }) => {
    notify('notifications/progress', {});
    await ask('elicitation/create', {}, never());
    notify('notifications/message', {});
    return {};
  };
  const listening = (name: string) => ({
    ...round(),
    notify: (method: string) => void heard.push(`${name} ${method}`),
  });
  const first = await calls.begin(telling, listening('first'));
  await calls.resume(idOf(first), { 'input-1': {} }, listening('second'));
  expect(heard).toEqual(['first notifications/progress', 'second notifications/message']);
});

test('a backend may take its question back', async () => {
  const withdrawn = new AbortController();
  const calls = new ParkedCalls();
  const changing: RunCall = async ({ ask }) => {
    const asked = ask('elicitation/create', {}, withdrawn.signal).catch(() => 'withdrawn');
    withdrawn.abort();
    return { told: await asked };
  };
  expect(await calls.begin(changing, round())).toEqual({ result: { told: 'withdrawn' } });
});

test('calls that wait have a limit for each caller, and all end with the gateway', async () => {
  const calls = new ParkedCalls();
  const signals: AbortSignal[] = [];
  const waiting: RunCall = async ({ ask, signal }) => {
    signals.push(signal);
    return ask('elicitation/create', {}, never());
  };
  for (let i = 0; i < 50; i++) await calls.begin(waiting, round('ada'));
  await expect(calls.begin(waiting, round('ada'))).rejects.toThrow('too many calls wait');
  expect(signals.at(-1)?.aborted).toBe(true);
  await calls.begin(waiting, round('bob'));
  calls.close();
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});
