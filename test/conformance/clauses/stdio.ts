import { type Clause, testsOf } from './clause';

const backend = testsOf('gateway-runtime/mcp/stdio.test.ts');
const lines = testsOf('gateway-runtime/protocol/line-reader.test.ts');
const desktopLines = testsOf('gateway-runtime/stdio/lines.test.ts');
const modernChild = testsOf('gateway-runtime/mcp/modern-stdio.test.ts');
const negotiation = testsOf('gateway-runtime/mcp/negotiation.test.ts');
const desktop = testsOf('gateway-runtime/stdio/clients.test.ts');
const lifetime = testsOf('gateway-runtime/stdio/lifetime.test.ts');

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
    id: 'stdio-clean-stdout',
    says: 'The gateway as a child writes nothing but messages to stdout.',
    links: [legacy, `${modern}#stdio`],
    proof: [desktopLines('no port is opened, and what is logged goes to stderr')],
  },
  {
    id: 'stdio-no-requests',
    says: 'The gateway as a child sends no requests to a client of the stateless era.',
    links: [`${modern}#receiving-messages`],
    proof: [desktop('a client of SDK v2 that negotiates by %j speaks %s')],
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
    id: 'stdio-own-shutdown',
    says: 'The gateway as a child ends when its input does.',
    links: [`${modern}#shutdown`],
    proof: [lifetime('the gateway ends in time, with its children, when %s')],
  },
  {
    id: 'stdio-own-cancel',
    says: 'The gateway as a child says nothing more of a request that a notification cancelled.',
    links: [`${modern}#cancellation`],
    proof: [lifetime('a cancelled call ends at the backend, and nothing more is said of it')],
  },
  {
    id: 'stdio-own-eras',
    says: 'The gateway as a child serves both eras at once, and legacy ones only after the handshake.',
    links: ['2026-07-28/basic/versioning#compatibility-matrix', '2025-11-25/basic/lifecycle#initialization'],
    proof: [
      desktopLines('both eras share the channel'),
      desktopLines('before the handshake there is nothing but a ping'),
    ],
  },
  {
    id: 'stdio-restart',
    says: 'A child that ends unasked is started again.',
    links: [`${modern}#unexpected-termination`],
    proof: [testsOf('gateway-runtime/resilience.test.ts')('a child process that crashes is started again')],
  },
  {
    id: 'stdio-cancel',
    says: 'A request to a child of the stateless era is cancelled by a notification.',
    links: [`${modern}#cancellation`],
    proof: [modernChild('a call that is cancelled is taken back with a message')],
  },
  {
    id: 'stdio-probe',
    says: 'A child is asked with server/discover which era it is of; any error but those of that era means the other one.',
    links: [`${modern}#backward-compatibility`],
    proof: [
      negotiation('a server of the legacy era that %s is initialized in the same process'),
      negotiation('a modern server gets no handshake'),
    ],
  },
];
