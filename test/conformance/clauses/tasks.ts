import { type Clause, testsOf } from './clause';

const taskTests = testsOf('gateway-runtime/routing/tasks.test.ts');

const page = '2025-11-25/basic/utilities/tasks';

/** Tasks: work that goes on after its request was answered. */
export const tasks: readonly Clause[] = [
  {
    id: 'tasks-negotiated',
    says: 'Tasks are offered where a backend has them, and used where it says so only.',
    links: [`${page}#capability-negotiation`, `${page}#tool-level-negotiation`],
    proof: [taskTests('go their way, each at its own backend')],
  },
  {
    id: 'tasks-routed',
    says: 'Whoever asks for a task, its result or its end reaches the backend that has it.',
    links: [`${page}#getting-tasks`],
    proof: [taskTests('go their way, each at its own backend')],
  },
  {
    id: 'tasks-ids',
    says: 'Ids of tasks are different among all backends.',
    links: [`${page}#task-id-requirements`],
    proof: [taskTests('have ids that keep their value and are of use to their caller only')],
  },
  {
    id: 'tasks-bound',
    says: 'A task is of its caller: nobody else gets it, ends it or sees it in a list.',
    links: [`${page}#task-isolation-and-access-control`],
    proof: [taskTests('have ids that keep their value and are of use to their caller only')],
  },
  {
    id: 'tasks-result',
    says: 'The result of a task is exactly that of its request, with the task it is of in `_meta`.',
    links: [`${page}#result-retrieval`, `${page}#related-task-metadata`],
    proof: [taskTests('go their way, each at its own backend')],
  },
  {
    id: 'tasks-status',
    says: 'That a task changed reaches the client that made it.',
    links: [`${page}#task-notifications`],
    proof: [taskTests('tell their client how they are')],
  },
];
