import { anonymous } from '../../../gateway-runtime/src/contracts/identity.js';
import { Sealer } from '../../../gateway-runtime/src/protocol/sealer.js';
import { RequestStates, stateLifeMs } from '../../../gateway-runtime/src/routing/request-states.js';

const ada = { ...anonymous, key: 'issuer ada' };
const binding = { identity: ada, method: 'tools/call', params: { name: 'pay', arguments: { to: 'bob', sum: 5 } } };
const state = { backend: 'bank', state: 'step 2' };
const refusal = /requestState is not valid for this request, or too old/;

describe('a sealed state', () => {
  test('comes back as it was, whatever the order of the parameters and what answers are with them', async () => {
    const states = new RequestStates(new Sealer());
    const sealed = await states.seal(state, binding);
    const again = {
      _meta: { a: 1 },
      inputResponses: { x: {} },
      requestState: sealed,
      arguments: { sum: 5, to: 'bob' },
    };
    expect(await states.open(sealed, { ...binding, params: { ...again, name: 'pay' } })).toMatchObject(state);
  });

  test('tells nothing and is never the same twice', async () => {
    const states = new RequestStates(new Sealer());
    const [one, other] = [await states.seal(state, binding), await states.seal(state, binding)];
    expect(one).toMatch(/^[\w-]+$/);
    expect(one).not.toBe(other);
    expect(Buffer.from(one, 'base64url').toString('latin1')).not.toMatch(/bank|step/);
  });

  test.each([
    ['another caller', { ...binding, identity: { ...ada, key: 'issuer eve' } }],
    ['another method', { ...binding, method: 'prompts/get' }],
    ['another tool', { ...binding, params: { ...binding.params, name: 'pay_all' } }],
    ['other arguments', { ...binding, params: { name: 'pay', arguments: { to: 'eve', sum: 5 } } }],
    [
      'a list for an object',
      {
        ...binding,
        params: {
          name: 'pay',
          arguments: [
            ['sum', 5],
            ['to', 'bob'],
          ],
        },
      },
    ],
  ])('is refused with %s', async (_, other) => {
    const states = new RequestStates(new Sealer());
    await expect(states.open(await states.seal(state, binding), other)).rejects.toThrow(refusal);
  });

  test('is refused when any part of it is changed, cut or made up', async () => {
    const states = new RequestStates(new Sealer());
    const sealed = Buffer.from(await states.seal(state, binding), 'base64url');
    for (let i = 0; i < sealed.length; i++) {
      const changed = Buffer.from(sealed);
      changed[i] = (changed[i] as number) ^ 1;
      await expect(states.open(changed.toString('base64url'), binding)).rejects.toThrow(refusal);
    }
    const others = ['', 'x', sealed.subarray(0, 27).toString('base64url'), 'A'.repeat(100_000), 7, null, {}];
    for (const made of others) await expect(states.open(made, binding)).rejects.toThrow(refusal);
  });

  test('lapses', async () => {
    let now = 1_000_000;
    const states = new RequestStates(new Sealer(), () => now);
    const sealed = await states.seal(state, binding);
    now += stateLifeMs - 1;
    expect(await states.open(sealed, binding)).toMatchObject(state);
    now += 1;
    await expect(states.open(sealed, binding)).rejects.toThrow(refusal);
  });

  test('is good at another replica with the same key, and at no other', async () => {
    const withKey = (key: string) => new RequestStates(new Sealer(async () => key));
    const sealed = await withKey('k'.repeat(32)).seal(state, binding);
    expect(await withKey('k'.repeat(32)).open(sealed, binding)).toMatchObject(state);
    await expect(withKey('l'.repeat(32)).open(sealed, binding)).rejects.toThrow(refusal);
    await expect(new RequestStates(new Sealer()).open(sealed, binding)).rejects.toThrow(refusal);
  });

  test('waits for a key that can be read again later', async () => {
    let fails = true;
    const states = new RequestStates(
      new Sealer(async () => {
        if (fails) throw new Error('vault is away');
        return 'k'.repeat(32);
      }),
    );
    await expect(states.seal(state, binding)).rejects.toThrow('vault is away');
    fails = false;
    expect(await states.open(await states.seal(state, binding), binding)).toMatchObject(state);
  });
});
