import type { DatabaseToolsDatabaseToolsMcpToolsetConfig } from '@cdktf/provider-oci/lib/database-tools-database-tools-mcp-toolset';
import { DatabaseToolsDatabaseToolsSqlReport } from '@cdktf/provider-oci/lib/database-tools-database-tools-sql-report';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { checkInteger, checkPattern, reportFault } from '../core/validation';

/** A value that a statement takes, `:name` in its text. */
export interface SqlVariable {
  readonly name: string;
  /** What the client is told about it. */
  readonly description: string;
  /** Type that the client is told: `STRING`, `NUMBER`. */
  readonly type: string;
}

export interface DatabaseToolsSqlReportProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** The query. */
  readonly sql: string;
  /** When to use the report, by which clients choose. @default - none */
  readonly purpose?: string;
  /** How to fill in its variables. @default - none */
  readonly instructions?: string;
  /** What the query takes. @default - none */
  readonly variables?: readonly SqlVariable[];
  /** What its columns mean. @default - none */
  readonly columns?: readonly SqlVariable[];
}

/** A query with a purpose, for the reporting tools of a Database Tools MCP server. */
export class DatabaseToolsSqlReport extends Construct {
  /** OCID of the report. */
  public readonly reportId: string;

  public constructor(scope: Construct, id: string, props: DatabaseToolsSqlReportProps) {
    super(scope, id);
    refuseSecrets(this, props);
    checkSql(this, props.sql);
    const report = new DatabaseToolsDatabaseToolsSqlReport(this, 'Resource', {
      compartmentId: props.compartmentId,
      displayName: qualifiedNameOf(this, 255),
      type: 'ORACLE_DATABASE',
      source: props.sql,
      purpose: props.purpose,
      instructions: props.instructions,
      variables: props.variables && [...props.variables],
      columns: props.columns && [...props.columns],
    });
    this.node.defaultChild = report;
    this.reportId = report.id;
  }
}

/** What is said about a tool that comes with a kind of toolset. */
export interface ToolSetting {
  /** Name of the tool. */
  readonly name: string;
  /** Application roles whose members may call it. @default - those that the service gives it */
  readonly allowedRoles?: readonly string[];
  /** Whether it is offered. @default true */
  readonly enabled?: boolean;
}

export interface ToolsetOptions {
  /** Settings of its tools. @default - the service's own */
  readonly tools?: readonly ToolSetting[];
  /** Whether calls run in the background and leave their results in the server's bucket. @default false */
  readonly asynchronous?: boolean;
  /** Version of the toolset's tools, at least 1. @default 1 */
  readonly version?: number;
}

export interface CustomSqlToolOptions extends Omit<ToolsetOptions, 'tools'> {
  /** Name of the tool. */
  readonly toolName: string;
  /** What it does, by which clients choose. @default - none */
  readonly toolDescription?: string;
  /** SQL or PL/SQL, one statement or several. */
  readonly sql: string;
  /** What it takes. @default - nothing */
  readonly variables?: readonly SqlVariable[];
  /** Application roles whose members may call it. @default - those that the service gives it */
  readonly allowedRoles?: readonly string[];
}

export interface ReportToolsOptions extends ToolsetOptions {
  /** The reports. At least one. */
  readonly reports: readonly {
    readonly report: DatabaseToolsSqlReport;
    /** Application roles whose members may run it. @default - those that the service gives it */
    readonly allowedRoles?: readonly string[];
  }[];
}

export interface SqlAssistantOptions extends ToolsetOptions {
  /** OCID of the Generative AI semantic store that describes the schema. */
  readonly semanticStoreId: string;
}

type ToolsetConfig = Omit<
  DatabaseToolsDatabaseToolsMcpToolsetConfig,
  'compartmentId' | 'databaseToolsMcpServerId' | 'displayName'
>;

/** Tools of a Database Tools MCP server. */
export interface DatabaseToolset {
  /** The resource's own arguments. */
  readonly config: ToolsetConfig;
  /** Every role that is named. */
  readonly roles: readonly string[];
  /** Reports what the service would refuse. */
  check(scope: IConstruct): void;
}

/**
 * The kinds of tools.
 * @see https://docs.oracle.com/en-us/iaas/database-tools/doc/database-tools-mcp-toolsets.html
 */
export const DatabaseToolset = {
  /** Tools that run any SQL they are given, within the rights of the connection's user. */
  builtInSql(options: ToolsetOptions = {}): DatabaseToolset {
    return toolset('BUILT_IN_SQL_TOOLS', options);
  },

  /**
   * One tool that runs one text, with values in the place of its variables.
   * @example DatabaseToolset.customSql({ toolName: 'count_orders', sql: 'select count(*) from orders' });
   */
  customSql(options: CustomSqlToolOptions): DatabaseToolset {
    const { toolName, toolDescription, sql, variables, allowedRoles } = options;
    return toolset(
      'CUSTOM_SQL_TOOL',
      options,
      {
        toolName,
        toolDescription,
        source: { type: 'INLINE', value: sql },
        variables: variables && [...variables],
        allowedRoles: allowedRoles && [...allowedRoles],
      },
      allowedRoles,
      (scope) => {
        checkSql(scope, sql);
        checkPattern(scope, 'toolName', toolName, {
          pattern: /^[A-Za-z0-9_-]{1,64}$/,
          allowed: '1 to 64 letters, digits, underscores and hyphens',
        });
      },
    );
  },

  /** Tools that find and run reports. */
  reports(options: ReportToolsOptions): DatabaseToolset {
    const reports = options.reports.map(({ report, allowedRoles }) => ({
      databaseToolsSqlReportId: report.reportId,
      allowedRoles: allowedRoles && [...allowedRoles],
    }));
    const roles = options.reports.flatMap(({ allowedRoles = [] }) => allowedRoles);
    return toolset('CUSTOMIZABLE_REPORTING_TOOLS', options, { reports }, roles, (scope) => {
      if (reports.length > 0) return;
      reportFault(scope, { prop: 'toolsets.reports', got: [], allowed: 'at least one report' });
    });
  },

  /** Tools that make SQL of questions. */
  sqlAssistant(options: SqlAssistantOptions): DatabaseToolset {
    return toolset('GENAI_SQL_ASSISTANT', options, { generativeAiSemanticStoreId: options.semanticStoreId });
  },
};

function toolset(
  type: string,
  options: ToolsetOptions,
  config: Partial<ToolsetConfig> = {},
  roles: readonly string[] = [],
  check: (scope: IConstruct) => void = () => {},
): DatabaseToolset {
  const { tools, asynchronous = false, version = 1 } = options;
  return {
    config: {
      type,
      version,
      defaultExecutionType: asynchronous ? 'ASYNCHRONOUS' : 'SYNCHRONOUS',
      tools: tools?.map(({ name, allowedRoles, enabled = true }) => ({
        name,
        allowedRoles: allowedRoles && [...allowedRoles],
        status: enabled ? 'ENABLED' : 'DISABLED',
      })),
      ...config,
    },
    roles: [...roles, ...(tools ?? []).flatMap(({ allowedRoles = [] }) => allowedRoles)],
    check: (scope) => {
      checkInteger(scope, 'toolsets.version', version, { min: 1 });
      check(scope);
    },
  };
}

function checkSql(scope: IConstruct, sql: string): void {
  checkPattern(scope, 'sql', sql, { pattern: /\S/, allowed: 'SQL' });
}
