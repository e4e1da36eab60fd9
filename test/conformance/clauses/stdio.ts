import { type Clause, testsOf } from './clause';

const backend = testsOf('gateway-runtime/mcp/stdio.test.ts');
const lines = testsOf('gateway-runtime/mcp/lines.test.ts');

const [legacy, modern] = ['2025-11-25/basic/transports#stdio', '2026-07-28/basic/transports/stdio'];

/** Child processes as backends, and the gateway as the child of a client. */
export const stdio: readonly Clause[] = [
  {
    id: 'stdio-lines',
    says: 'Each message is a line, without line breaks in it.',
    links: [legacy, `${modern}#stdio`],
    proof: [
      lines('lines are whole wherever the stream is cut'),
      testsOf('gateway-runtime/aggregation.test.ts')('line separators of Unicode survive stdio'),
    ],
  },
  {
    id: 'stdio-stderr',
    says: 'What a backend writes to stderr is a log, and no failure.',
    links: [legacy, `${modern}#stdio`],
    proof: [backend('what a child writes to stderr is a debug line')],
  },
  {
    id: 'stdio-shutdown',
    says: 'A child is ended by closing its input, then by signals.',
    links: ['2025-11-25/basic/lifecycle#stdio', `${modern}#shutdown`],
    proof: [
      backend('nothing that a child started survives when the gateway %s'),
      backend('a child that ignores everything is killed'),
    ],
  },
  {
    id: 'stdio-restart',
    says: 'A child that ends unasked is started again.',
    links: [`${modern}#unexpected-termination`],
    proof: [testsOf('gateway-runtime/resilience.test.ts')('a child process that crashes is started again')],
  },
];
