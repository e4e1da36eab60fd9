import type { Identity } from '../contracts/identity.js';
import { isObject, type JsonObject } from '../contracts/json-rpc.js';
import type { AnswerRequest } from '../contracts/upstream.js';
import { RpcError, rpcCodes } from '../errors.js';
import { metaOf, withMeta } from '../protocol/meta.js';
import type { Sealer } from '../protocol/sealer.js';

/** Says to which task a message belongs. https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#related-task-metadata */
const relatedTask = 'io.modelcontextprotocol/related-task';

/** Methods that concern one task, of both eras. */
export const taskMethods: Readonly<Record<'legacy' | 'modern', readonly string[]>> = {
  legacy: ['tasks/get', 'tasks/result', 'tasks/cancel'],
  modern: ['tasks/get', 'tasks/update', 'tasks/cancel'],
};

/** A task of a backend. */
export interface Task {
  readonly backend: string;
  readonly taskId: string;
}

/**
 * Names tasks towards clients: the name says which backend has the task, so that any replica finds it, and is of no use to
 * anybody but the caller who began it.
 */
export class Tasks {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  /** @throws {RpcError} when the caller has no such task */
  async find({ taskId }: JsonObject, identity: Identity): Promise<Task> {
    const text = typeof taskId === 'string' ? await this.#sealer.open(taskId, bindingOf(identity)) : undefined;
    if (text === undefined) throw new RpcError(rpcCodes.invalidParams, 'there is no such task');
    const [backend, own] = JSON.parse(text) as [string, string];
    return { backend, taskId: own };
  }

  /** The same result, or params of a notification, with the client's names for the tasks in it. */
  async rename<T>(holder: T, backend: string, identity: Identity): Promise<T | JsonObject> {
    if (!isObject(holder)) return holder;
    const nameOf = (taskId: unknown) => this.#sealer.sealAsId(JSON.stringify([backend, taskId]), bindingOf(identity));
    const { task } = holder;
    const related = metaOf(holder)[relatedTask];
    let renamed: JsonObject = holder;
    if (typeof holder.taskId === 'string') renamed = { ...renamed, taskId: await nameOf(holder.taskId) };
    if (isObject(task) && typeof task.taskId === 'string') {
      renamed = { ...renamed, task: { ...task, taskId: await nameOf(task.taskId) } };
    }
    if (isObject(related) && typeof related.taskId === 'string') {
      renamed = withMeta(renamed, { [relatedTask]: { ...related, taskId: await nameOf(related.taskId) } });
    }
    return renamed;
  }

  /** Asks with the client's names. */
  asking(ask: AnswerRequest | undefined, backend: string, identity: Identity): AnswerRequest | undefined {
    if (!ask) return undefined;
    return async (method, params, signal) =>
      ask(method, (await this.rename(params, backend, identity)) as JsonObject, signal);
  }
}

/** Whether the result of a request tells of a task. */
export function tellsOfTask({ task }: JsonObject, result: unknown): boolean {
  if (!isObject(result)) return false;
  return result.resultType === 'task' || (task !== undefined && isObject(result.task)) || relatedTask in metaOf(result);
}

function bindingOf({ key }: Identity): string {
  return `task of ${key}`;
}
