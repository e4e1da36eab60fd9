import { McpServer, McpServerSource, StdioHosting } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { image, source } from '../fixtures';
import { describeHosting } from './hosting-suite';

const command = McpServerSource.command('node', ['/opt/servers/notes.js']);

describeHosting('StdioHosting', {
  make: () => new StdioHosting(),
  makeOfReferences: () => new StdioHosting(),
  source: command,
  refused: {
    source,
    fault: `source: got "the image \\"${image}\\""; allowed: a command on StdioHosting; fix: use McpServerSource.command(…) with a program that the gateway image holds`,
  },
  endpoint: { transport: 'stdio', command: 'node', args: ['/opt/servers/notes.js'], environment: {} },
  grant: {
    fault:
      'grantee: got "a server on StdioHosting"; allowed: a workload with an identity of its own: a child process acts as the gateway that starts it; fix: grant to the gateway',
  },
  opens: [],
});

test('makes no resource', () => {
  const { resources } = synth((stack) => {
    new McpServer(stack, 'Notes', { source: command, hosting: new StdioHosting() });
  });
  expect(resources()).toEqual([]);
});

test('fails when its environment is to hold a secret', () => {
  const faults = faultsOf((stack) => {
    const secretEnvironment = { API_KEY: { name: 'keys', key: 'api' } };
    new McpServer(stack, 'Notes', { source: command, hosting: new StdioHosting(), secretEnvironment });
  });
  expect(faults).toEqual([
    '[stack/Notes] secretEnvironment: got "API_KEY"; allowed: no secrets: a child process gets its environment from the gateway configuration, which is no secret; fix: host the server in a container of its own',
  ]);
});

test('fails when it is to read secret files, which only the gateway can', () => {
  const faults = faultsOf((stack) => {
    const secretDirectories = [{ path: '/opt/oracle/wallet', files: { secretName: 'wallet' } }];
    new McpServer(stack, 'Notes', { source: command, hosting: new StdioHosting(), secretDirectories });
  });
  expect(faults).toEqual([
    '[stack/Notes] secretDirectories: got "/opt/oracle/wallet"; allowed: no folders: a child process reads the files of the gateway that starts it; fix: give the folder to the gateway: new McpGateway(…, { secretDirectories })',
  ]);
});
