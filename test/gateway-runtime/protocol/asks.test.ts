import type { JsonRpcMessage } from '../../../gateway-runtime/src/contracts/json-rpc.js';
import { Asks } from '../../../gateway-runtime/src/protocol/asks.js';

const never = new AbortController().signal;

test('a client can be asked any number of things one after another, each under an id of its own', async () => {
  const ids = new Set<unknown>();
  for (const asks of [new Asks(), new Asks()]) {
    for (let n = 0; n < 150; n++) {
      const sent: JsonRpcMessage[] = [];
      const answer = asks.ask('roots/list', {}, never, (message) => sent.push(message) > 0);
      const id = sent[0]?.id ?? null;
      ids.add(id);
      expect(asks.settle({ jsonrpc: '2.0', id, result: n })).toBe(true);
      expect(asks.settle({ jsonrpc: '2.0', id, result: 'again' })).toBe(false);
      expect(await answer).toBe(n);
    }
  }
  expect(ids.size).toBe(300);
});

test('fails at once when nothing reaches the client, or nobody wants to know', async () => {
  const asks = new Asks();
  await expect(asks.ask('roots/list', {}, never, () => false)).rejects.toThrow('the client does not listen');
  const sent: JsonRpcMessage[] = [];
  const unwanted = asks.ask('roots/list', {}, AbortSignal.abort(), (message) => sent.push(message) > 0);
  await expect(unwanted).rejects.toThrow('no longer wanted');
  expect(sent).toEqual([]);
});

test('fails when the client goes', async () => {
  const asks = new Asks();
  const answer = asks.ask('roots/list', {}, never, () => true);
  asks.close();
  await expect(answer).rejects.toThrow('the client is gone');
});
