import type { BackendConnection } from '../../gateway-runtime/src/routing/backend-connection.js';
import type { Caller } from '../../gateway-runtime/src/routing/caller.js';
import type { ClientConnection, Connection } from '../../gateway-runtime/src/routing/client-connection.js';
import { Subscriptions } from '../../gateway-runtime/src/routing/subscriptions.js';
import { until } from '../helpers/gateway-instance.js';

test('a subscription that is ended while its lost connection opens again holds nothing open', async () => {
  const description = {
    era: 'legacy',
    version: '2025-11-25',
    capabilities: { resources: { subscribe: true } },
  } as const;
  const asked: string[] = [];
  const connection = (name: string): Connection => ({
    description,
    request: async (method) => void asked.push(`${name} ${method}`),
  });
  const first = connection('first');
  const opening: (Connection | Promise<Connection>)[] = [first];
  const backend = { name: 'b', description, connectionFor: () => opening.shift() } as unknown as BackendConnection;
  const subscriber = { notify: () => {} };
  const resource = { backend, original: 'note://1' };
  const subscriptions = new Subscriptions();
  await subscriptions.subscribe(subscriber, {} as Caller, resource, 'note://1');
  let open: (connection: Connection) => void = () => {};
  opening.push(
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  subscriptions.connectionClosed(first as ClientConnection);
  subscriptions.remove(subscriber);
  open(connection('second'));
  await until(() => asked.includes('second resources/unsubscribe'), 'the subscription to end', 1000);
  expect(asked).toEqual(['first resources/subscribe', 'second resources/subscribe', 'second resources/unsubscribe']);
});
