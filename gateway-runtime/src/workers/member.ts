import cluster from 'node:cluster';
import type { Relay, WorkerPlace } from '../contracts/worker.js';
import { type Order, placeVariables, type WorkerMessage } from './messages.js';

/** A worker as it sees itself. */
export interface Member extends WorkerPlace {
  /** Calls back when the supervisor says what to do, and for the end when there is no supervisor any more. */
  onOrder(follow: (order: Order, reason: string) => void): void;
}

/** This process as a worker; `undefined` when it is not one. The variables that say so are taken away: they hold a key. */
export function thisMember(environment: Record<string, string | undefined>): Member | undefined {
  const { [placeVariables.number]: number, [placeVariables.key]: key } = environment;
  const { worker } = cluster;
  if (!worker || number === undefined || key === undefined) return undefined;
  for (const name of Object.values(placeVariables)) delete environment[name];
  const listeners: ((message: string) => void)[] = [];
  worker.on('message', (message: WorkerMessage) => {
    if ('relayed' in message) for (const listener of listeners) listener(message.relayed);
  });
  const relay: Relay = {
    send: (relayed) => {
      if (worker.isConnected()) worker.send({ relayed } satisfies WorkerMessage, () => {});
    },
    listen: (listener) => void listeners.push(listener),
  };
  return {
    number: Number(number),
    key,
    relay,
    onOrder: (follow) => {
      worker.on('message', (message: WorkerMessage) => {
        if ('order' in message) follow(message.order, message.reason ?? message.order);
      });
      worker.once('disconnect', () => follow('end', 'the supervisor is gone'));
    },
  };
}
