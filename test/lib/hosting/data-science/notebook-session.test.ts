import {
  Compartment,
  DynamicGroup,
  McpServer,
  McpServerSource,
  ModelDeploymentHosting,
  NotebookSession,
  type NotebookSessionProps,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, synth } from '../../../helpers/synth';
import { compartmentId, network } from '../../fixtures';

const synthSession = (props: Partial<NotebookSessionProps> = {}) =>
  synth((stack) => void new NotebookSession(stack, 'Notebook', { compartmentId, ...props }));

test('a session is in the project of the deployments beside it', () => {
  const image = `fra.ocir.io/acme/forecast-mcp:1.0@sha256:${'0f3a'.repeat(16)}`;
  const stack = synth((scope) => {
    const hosting = new ModelDeploymentHosting({ compartmentId });
    new McpServer(scope, 'Forecast', { source: McpServerSource.image(image), hosting });
    new NotebookSession(scope, 'Notebook', { compartmentId });
  });
  const projectId = `\${${addressOf(stack, stack.resource('oci_datascience_project'))}.id}`;
  expect(stack.resource('oci_datascience_notebook_session')).toEqual({
    compartment_id: compartmentId,
    project_id: projectId,
    display_name: 'stack-notebook',
    notebook_session_config_details: {
      shape: 'VM.Standard.E4.Flex',
      notebook_session_shape_config_details: { ocpus: 1, memory_in_gbs: 8 },
      block_storage_size_in_gbs: 50,
    },
  });
  expect(stack.resource('oci_datascience_model_deployment')['project_id']).toBe(projectId);
});

test('a session in a subnet waits until the service may attach to it', () => {
  const stack = synth(
    (scope) => void new NotebookSession(scope, 'Notebook', { compartmentId, network: network(scope) }),
  );
  const session: Block = stack.resource('oci_datascience_notebook_session');
  const policy = stack.resource('oci_identity_policy');
  expect(policy['statements']).toEqual([
    `Allow service datascience to use virtual-network-family in compartment id ${compartmentId}`,
  ]);
  expect(session['depends_on']).toEqual([addressOf(stack, policy)]);
  expect(session['notebook_session_config_details'].subnet_id).toBe('ocid1.subnet.oc1.eu-frankfurt-1.example');
});

test('what is granted to a session names it, or its dynamic group', () => {
  const statementsOf = (withGroup: boolean) =>
    synth((scope) => {
      const dynamicGroup = withGroup ? DynamicGroup.fromName(scope, 'Group', 'developers') : undefined;
      const session = new NotebookSession(scope, 'Notebook', { compartmentId, dynamicGroup });
      Compartment.fromCompartmentId(scope, 'Compartment', compartmentId).grantManage(session, 'objects');
    }).resource('oci_identity_policy')['statements'];
  expect(statementsOf(false)).toEqual([
    expect.stringMatching(
      /^Allow any-user to manage objects in compartment id \S+ where all \{request\.principal\.type='datasciencenotebooksession', request\.principal\.id='\$\{oci_datascience_notebook_session\.Notebook_\w+\.id\}'\}$/,
    ),
  ]);
  expect(statementsOf(true)).toEqual([
    `Allow dynamic-group developers to manage objects in compartment id ${compartmentId}`,
  ]);
});

test('a session takes the edges of every limit', () => {
  const details: Block = synthSession({ ocpus: 64, memoryGib: 6, storageGb: 50 }).resource(
    'oci_datascience_notebook_session',
  )['notebook_session_config_details'];
  expect(details['notebook_session_shape_config_details']).toEqual({ ocpus: 64, memory_in_gbs: 6 });
});

test.each<[Partial<NotebookSessionProps>, string]>([
  [{ ocpus: 65 }, 'ocpus: got 65; allowed: a whole number from 1 to 64'],
  [{ memoryGib: 5.9 }, 'memoryGib: got 5.9; allowed: a number from 6 to 1024'],
  [{ storageGb: 49 }, 'storageGb: got 49; allowed: a whole number of at least 50'],
  [{ shape: 'VM.Standard2.1' }, 'shape: got "VM.Standard2.1"; allowed: a flexible shape such as "VM.Standard.E4.Flex"'],
])('fails with %j', (props, fault) => {
  expect(faultsOf((stack) => void new NotebookSession(stack, 'Notebook', { compartmentId, ...props }))).toEqual([
    `[stack/Notebook] ${fault}`,
  ]);
});
