import { DeploymentV1 } from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type { TerraformStack } from 'cdktf';
import {
  AddressRange,
  AutonomousDatabase,
  ContainerInstanceHosting,
  type IMcpHosting,
  OkeHosting,
  OkeSidecarHosting,
  OracleDatabaseMcpServer,
  type OracleDatabaseMcpServerProps,
} from 'cdktf-oci-mcp';
import { addressOf, type Block, faultsOf, type Synthesized, synth } from '../../helpers/synth';
import { cluster, compartmentId, image, network, reference, source } from '../fixtures';

const vaultPassword = { secretId: 'ocid1.vaultsecret.oc1..password', compartmentId };
const keyOf = (key: string) => ({ name: 'oracle-db-secrets', key });

function server(
  stack: TerraformStack,
  props: Partial<OracleDatabaseMcpServerProps> = {},
  hosting: IMcpHosting = new OkeHosting({ cluster: cluster(stack) }),
): OracleDatabaseMcpServer {
  return new OracleDatabaseMcpServer(stack, 'Warehouse', {
    source,
    hosting,
    dsn: 'warehouse_high',
    user: 'MCP_READER',
    password: vaultPassword,
    ...props,
  });
}

const containerOf = ({ resource }: Synthesized): Block =>
  resource('kubernetes_deployment_v1', 'Warehouse').spec.template.spec.container[0];

/** Variables beyond those of every server. */
const variablesOf = (container: Block) => container['env'].filter(({ name }: Block) => /^ORACLE|^TNS/.test(name));

describe('a database server on OKE', () => {
  test('finds its connection in variables, the password by the OCID of its secret', () => {
    const stack = synth((scope) => void server(scope));
    expect(variablesOf(containerOf(stack))).toEqual([
      { name: 'ORACLE_DSN', value: 'warehouse_high' },
      { name: 'ORACLE_USER', value: 'MCP_READER' },
      { name: 'ORACLE_PASSWORD_SECRET', value: 'ocid1.vaultsecret.oc1..password' },
    ]);
  });

  test('may read that secret before it starts, and gets the token to do so', () => {
    const stack = synth((scope) => void server(scope));
    const policy = stack.resource('oci_identity_policy');
    expect(policy['statements']).toEqual([
      expect.stringMatching(
        /^Allow any-user to read secret-bundles in compartment id ocid1\.compartment\S+ where all \{request\.principal\.type='workload', .*target\.secret\.id='ocid1\.vaultsecret\.oc1\.\.password'\}$/,
      ),
    ]);
    const deployment = stack.resource('kubernetes_deployment_v1');
    expect(deployment['depends_on']).toEqual([addressOf(stack, policy)]);
    expect(deployment['spec'].template.spec.automount_service_account_token).toBe(true);
  });

  test('takes all of it from Kubernetes Secrets, and then needs no policy', () => {
    const stack = synth((scope) => {
      server(scope, {
        dsn: keyOf('dsn'),
        user: keyOf('username'),
        password: keyOf('password'),
        wallet: { secretName: 'oracle-db-wallet' },
      });
    });
    const from = (key: string) => ({ value_from: { secret_key_ref: keyOf(key) } });
    expect(variablesOf(containerOf(stack))).toEqual([
      { name: 'ORACLE_WALLET_LOCATION', value: '/opt/oracle/wallet' },
      { name: 'ORACLE_DSN', ...from('dsn') },
      { name: 'ORACLE_USER', ...from('username') },
      { name: 'ORACLE_PASSWORD', ...from('password') },
    ]);
    const { volume } = stack.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(volume).toContainEqual({ name: 'warehouse-secret-0', secret: { secret_name: 'oracle-db-wallet' } });
    expect(stack.resources('oci_identity_policy')).toEqual([]);
  });

  test('gets a wallet from Vault', () => {
    const vaultSecrets = { 'cwallet.sso': { secretId: 'ocid1.vaultsecret.oc1..wallet', compartmentId } };
    const stack = synth((scope) => void server(scope, { wallet: { vaultSecrets, fetcherImage: image } }));
    const { init_container } = stack.resource('kubernetes_deployment_v1').spec.template.spec;
    expect(init_container[0].args).toEqual([
      ...['fetch-secrets', '/opt/oracle/wallet', 'cwallet.sso=ocid1.vaultsecret.oc1..wallet'],
      ...['--auth-method', 'oke_workload_identity'],
    ]);
    expect(stack.resource('oci_identity_policy')['statements']).toHaveLength(2);
  });

  test('keeps what its user says beside that', () => {
    const environment = { TNS_ADMIN: '/opt/oracle/wallet' };
    const secretEnvironment = { LICENSE: { name: 'license', key: 'key' } };
    const { env } = containerOf(synth((scope) => void server(scope, { environment, secretEnvironment })));
    expect(env).toContainEqual({ name: 'TNS_ADMIN', value: '/opt/oracle/wallet' });
    expect(env).toContainEqual({
      name: 'LICENSE',
      value_from: { secret_key_ref: { name: 'license', key: 'key' } },
    });
  });

  test.each<[string, Partial<OracleDatabaseMcpServerProps>, number]>([
    ['1522', {}, 1522],
    ['the port that is given', { databasePort: 1521 }, 1521],
  ])('reaches its database on %s', (_, props, port) => {
    const stack = synth((scope) => {
      server(scope, { database: new AddressRange(scope, 'Database', '10.0.30.0/24'), ...props });
    });
    const policy = stack.resource('kubernetes_network_policy_v1');
    expect(policy['spec'].egress.at(-1)).toEqual({
      ports: [{ port: String(port), protocol: 'TCP' }],
      to: [{ ip_block: { cidr: '10.0.30.0/24' } }],
    });
    expect(stack.resource('kubernetes_deployment_v1')['depends_on']).toContain(addressOf(stack, policy));
  });

  test('reaches a database of this stack on the port that it serves', () => {
    const stack = synth((scope) => {
      const database = new AutonomousDatabase(scope, 'Database', {
        compartmentId,
        network: network(scope),
        adminPassword: vaultPassword,
        mtlsRequired: false,
      });
      server(scope, { database, dsn: database.dsn() });
    });
    const rules = stack.resources('oci_core_network_security_group_security_rule');
    expect(rules.map(({ direction, description }) => `${direction} ${description}`).sort()).toEqual([
      'EGRESS TCP 1521 to database-security-group',
      'INGRESS TCP 1521 from warehouse',
    ]);
  });

  test('takes references', () => {
    const stack = synth((scope) => {
      server(scope, {
        dsn: `(description=(address=(host=${reference(scope, 'host')})))`,
        user: reference(scope, 'user'),
        password: { secretId: reference(scope, 'secret'), compartmentId: reference(scope, 'compartment') },
      });
    });
    expect(JSON.stringify(variablesOf(containerOf(stack)))).toContain('${var.host}');
  });
});

test('a database server on a Container Instance reads its secret with the resource principal', () => {
  const stack = synth((scope) => {
    server(scope, {}, new ContainerInstanceHosting({ network: network(scope), compartmentId }));
  });
  const [container] = stack.resource('oci_container_instances_container_instance').containers;
  expect(container.environment_variables).toMatchObject({
    ORACLE_DSN: 'warehouse_high',
    ORACLE_PASSWORD_SECRET: 'ocid1.vaultsecret.oc1..password',
  });
  expect(stack.resource('oci_identity_policy')['statements'][0]).toMatch(
    /request\.principal\.type='computecontainerinstance', .*target\.secret\.id='ocid1\.vaultsecret\.oc1\.\.password'/,
  );
});

test('a database server beside an application is one more container of its pods', () => {
  const stack = synth((scope) => {
    const labels = { app: 'orders' };
    const deployment = new DeploymentV1(scope, 'App', {
      metadata: { name: 'orders', namespace: 'shop' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { container: [{ name: 'orders', image: 'orders:1' }] } },
      },
    });
    server(
      scope,
      { wallet: { secretName: 'oracle-db-wallet' } },
      new OkeSidecarHosting({ cluster: cluster(scope), deployment }),
    );
  });
  const { container, volume } = stack.resource('kubernetes_deployment_v1').spec.template.spec;
  expect(container.map(({ name }: Block) => name)).toEqual(['orders', 'warehouse']);
  expect(volume).toContainEqual({ name: 'warehouse-secret-0', secret: { secret_name: 'oracle-db-wallet' } });
});

describe('fails when', () => {
  const dsnFault =
    'dsn: got "a DSN with a user or a password"; allowed: a DSN that only says where the database is: it lands in the state; fix: pass user and password in props of their own';
  const userFault =
    'user: got "text that is not only the name of a database user"; allowed: a user name without its password, which lands in the state; fix: pass password';
  const secretFault =
    'secretId: got "text that is no OCID of a secret"; allowed: an OCID such as "ocid1.vaultsecret.oc1…": the value itself would land in the state; fix: put the value into a secret in Vault and pass the OCID of that';
  const secretText =
    'allowed: references to secrets: their values would land in the state; fix: put the value into a secret in Vault and pass { secretId, compartmentId } where a secret can go, such as secretEnvironment';
  const literalFault = `environment.WALLET_PASSWORD: got "text that looks like a password or a key"; ${secretText}`;
  const connectionStringFault = `environment.ORACLE_DSN: got "text that looks like a connection string with a password"; ${secretText}`;
  const reserved =
    'variables other than ORACLE_DSN, ORACLE_USER, ORACLE_PASSWORD, ORACLE_PASSWORD_SECRET, ORACLE_WALLET_LOCATION';

  test.each<[string, Partial<OracleDatabaseMcpServerProps>, string]>([
    ['the DSN has a password', { dsn: 'scott/tiger@db.example:1521/orcl' }, connectionStringFault],
    ['the DSN has a user', { dsn: 'scott@//db.example:1521/orcl' }, dsnFault],
    ['the DSN is a URL with a password', { dsn: 'jdbc:oracle:thin:scott/tiger@db.example:1521/orcl' }, dsnFault],
    ['the descriptor has a password', { dsn: '(description=(security=(PASSWORD = tiger)))' }, dsnFault],
    ['there is no DSN', { dsn: ' ' }, 'dsn: got " "; allowed: a connect descriptor or a name'],
    ['the user has a password', { user: 'scott/tiger' }, userFault],
    ['there is no user', { user: '' }, userFault],
    ['the password is given by value', { password: { secretId: 'hunter2', compartmentId } }, secretFault],
    ['a variable has a password in plain text', { environment: { WALLET_PASSWORD: 'hunter2' } }, literalFault],
    [
      'the password is set around its prop',
      { environment: { ORACLE_PASSWORD: '$PASSWORD' } },
      `environment: got "ORACLE_PASSWORD"; allowed: ${reserved}; fix: say it with password`,
    ],
    [
      'the DSN is set twice',
      { secretEnvironment: { ORACLE_DSN: keyOf('dsn') }, dsn: keyOf('dsn') },
      `secretEnvironment: got "ORACLE_DSN"; allowed: ${reserved}; fix: say it with dsn`,
    ],
    ['the port is none', { databasePort: 0 }, 'databasePort: got 0; allowed: a whole number from 1 to 65535'],
  ])('%s', (_, props, fault) => {
    const faults = faultsOf((stack) => void server(stack, props));
    expect(faults).toEqual([`[stack/Warehouse] ${fault}`]);
    expect(faults.join()).not.toMatch(/tiger|hunter2/);
  });

  test('a variable has a password that is a reference', () => {
    const faults = faultsOf((stack) => {
      server(stack, { environment: { WALLET_PASSWORD: reference(stack, 'password') } });
    });
    expect(faults).toEqual([
      '[stack/Warehouse] environment: got "WALLET_PASSWORD"; allowed: no password, not even as a reference: its value would land in the state; fix: pass it in password, or another one in secretEnvironment',
    ]);
  });

  test('its wallet is in Kubernetes and it is not', () => {
    const faults = faultsOf((stack) => {
      const hosting = new ContainerInstanceHosting({ network: network(stack), compartmentId });
      server(stack, { password: keyOf('password') }, hosting);
    });
    expect(faults).toEqual([expect.stringMatching(/^\[stack\/Warehouse\] secretEnvironment: got "ORACLE_PASSWORD"/)]);
  });
});

test.each([
  'warehouse_high',
  'db.example:1521/orcl',
  'tcps://db.example:1522/orcl',
  'jdbc:oracle:thin:@db.example:1521/orcl',
  '(description=(address=(protocol=tcps)(port=1522)(host=adb.example))(connect_data=(service_name=x_high)))',
])('%s is a DSN', (dsn) => {
  synth((stack) => void server(stack, { dsn }));
});

test.each(['ADMIN_PASSWORD_SECRET', 'WALLET_PASSWORD_FILE', 'PASSWORD_SECRET_ID'])(
  '%s says where a password is, and may stand in the environment',
  (name) => {
    synth((stack) => void server(stack, { environment: { [name]: 'ocid1.vaultsecret.oc1..other' } }));
  },
);
