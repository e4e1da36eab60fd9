import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { addPreconditions } from '../core/dependencies';
import { checkPort, reportFault } from '../core/validation';
import type { KubernetesSecretKey } from '../mcp/kubernetes-secret';
import { McpServer, type McpServerProps } from '../mcp/mcp-server';
import type { SecretDirectory } from '../mcp/mcp-workload';
import { isVaultSecret, permitReading, type SecretReference } from '../mcp/secret-reference';
import type { IConnectable } from '../network/connections';
import { checkDsn } from './dsn';

/** Where the server finds the wallet. */
const walletDirectory = '/opt/oracle/wallet';

/** The port on which Oracle databases take connections by TLS with a wallet. */
const tlsPort = 1522;

/** What each variable is set from. */
const ownVariables: { readonly [name: string]: string } = {
  ORACLE_DSN: 'dsn',
  ORACLE_USER: 'user',
  ORACLE_PASSWORD: 'password',
  ORACLE_PASSWORD_SECRET: 'password',
  ORACLE_WALLET_LOCATION: 'wallet',
};

export interface OracleDatabaseMcpServerProps extends Omit<McpServerProps, 'secretDirectories'> {
  /**
   * Where the database is: a connect descriptor, or a name that the wallet's `tnsnames.ora` knows. Without user and password.
   * Becomes `ORACLE_DSN`.
   */
  readonly dsn: string | KubernetesSecretKey;
  /** Database user, one with the rights that the tools need and no more. Becomes `ORACLE_USER`. */
  readonly user: string | KubernetesSecretKey;
  /**
   * Its password. A secret in Vault becomes `ORACLE_PASSWORD_SECRET`, which holds its OCID: the server reads the value with
   * its own identity, which is permitted to. A key of a Kubernetes Secret becomes `ORACLE_PASSWORD`.
   */
  readonly password: SecretReference;
  /**
   * Files of the wallet, mounted at `/opt/oracle/wallet`, which `ORACLE_WALLET_LOCATION` says.
   * @default - none: the database takes TLS without client certificates
   */
  readonly wallet?: SecretDirectory['files'];
  /** The database's end of the network path, to be opened. @default - the hosting lets the server reach it already */
  readonly database?: IConnectable;
  /** TCP port of the database, 1 to 65535. @default - the port that `database` serves, or 1522 */
  readonly databasePort?: number;
}

/**
 * A database MCP server in a container, on any hosting that runs containers, beside an application's own as well. Which image
 * it is does not matter as long as it reads its connection from the variables named here.
 *
 * @example
 * new OracleDatabaseMcpServer(this, 'Warehouse', {
 *   source: McpServerSource.image('fra.ocir.io/acme/oracle-db-mcp@sha256:77b1…'),
 *   hosting: new OkeHosting({ cluster }),
 *   dsn: 'warehouse_high',
 *   user: 'MCP_READER',
 *   password: { secretId, compartmentId },
 *   wallet: { secretName: 'oracle-db-wallet' },
 * });
 */
export class OracleDatabaseMcpServer extends McpServer {
  public constructor(scope: Construct, id: string, props: OracleDatabaseMcpServerProps) {
    super(scope, id, serverProps(props));
    checkOracleDatabase(this, props);
    if (isVaultSecret(props.password)) permitReading(this, props.password).applyBefore(this);
    if (props.database !== undefined) this.openPath(props.database, props.databasePort);
  }

  private openPath(database: IConnectable, port: number | undefined): void {
    const { connections } = database;
    const path = connections.allowFrom(this, port ?? connections.defaultPort ?? tlsPort);
    if (this.node.defaultChild !== undefined) addPreconditions(this.node.defaultChild, path);
  }
}

function serverProps(props: OracleDatabaseMcpServerProps): McpServerProps {
  const { dsn, user, password, wallet, database, databasePort, environment, secretEnvironment, ...common } = props;
  const variables = Object.entries({ ORACLE_DSN: dsn, ORACLE_USER: user });
  const plain = variables.filter((variable): variable is [string, string] => typeof variable[1] === 'string');
  const secret = variables.filter(
    (variable): variable is [string, KubernetesSecretKey] => typeof variable[1] !== 'string',
  );
  return {
    ...common,
    environment: {
      ...Object.fromEntries(plain),
      ...(isVaultSecret(password) && { ORACLE_PASSWORD_SECRET: password.secretId }),
      ...(wallet && { ORACLE_WALLET_LOCATION: walletDirectory }),
      ...environment,
    },
    secretEnvironment: {
      ...Object.fromEntries(secret),
      ...(!isVaultSecret(password) && { ORACLE_PASSWORD: password }),
      ...secretEnvironment,
    },
    secretDirectories: wallet && [{ path: walletDirectory, files: wallet }],
  };
}

function checkOracleDatabase(scope: Construct, props: OracleDatabaseMcpServerProps): void {
  const { environment = {}, secretEnvironment = {} } = props;
  checkPort(scope, 'databasePort', props.databasePort);
  if (typeof props.dsn === 'string') checkDsn(scope, 'dsn', props.dsn);
  if (typeof props.user === 'string' && /[\s/@]|^$/.test(props.user)) {
    reportFault(scope, {
      prop: 'user',
      got: 'text that is not only the name of a database user',
      allowed: 'a user name without its password, which lands in the state',
      fix: 'pass password',
    });
  }
  for (const [prop, names] of Object.entries({ environment, secretEnvironment })) {
    for (const name of Object.keys(names).filter((each) => ownVariables[each] !== undefined)) {
      reportFault(scope, {
        prop,
        got: name,
        allowed: `variables other than ${Object.keys(ownVariables).join(', ')}`,
        fix: `say it with ${ownVariables[name]}`,
      });
    }
  }
  // Whatever is known at synth has been refused with every other secret.
  const references = Object.keys(environment).filter((name) => Token.isUnresolved(environment[name]));
  for (const name of references.filter(holdsPassword)) {
    reportFault(scope, {
      prop: 'environment',
      got: name,
      allowed: 'no password, not even as a reference: its value would land in the state',
      fix: 'pass it in password, or another one in secretEnvironment',
    });
  }
}

/** Whether a variable of this name has a password for its value, and not where one is kept. */
function holdsPassword(name: string): boolean {
  const isPassword = /PASSWORD|PASSWD|PASSPHRASE/i.test(name) && !/_(SECRET|SECRET_ID|OCID|FILE|PATH)$/i.test(name);
  return isPassword && ownVariables[name] === undefined;
}
