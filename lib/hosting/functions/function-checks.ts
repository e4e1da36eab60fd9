import { Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkInteger, checkOneOf, checkPattern, checkPort, reportFault } from '../../core/validation';
import { McpTransport } from '../../mcp/mcp-transport';
import type { McpWorkload } from '../../mcp/mcp-workload';
import { checkFunctionImage } from './function-image';
import type { FunctionHostingProps } from './function-props';

/**
 * The most bytes that keys and values of a function's configuration may take together.
 * @see https://docs.oracle.com/en-us/iaas/tools/typescript/latest/modules/_functions_lib_model_create_function_details_.createfunctiondetails.html
 */
const configMaxBytes = 4096;

const shapes = ['GENERIC_X86', 'GENERIC_ARM', 'GENERIC_X86_ARM'];

const memorySizes = [128, 256, 512, 1024, 2048, 3072];

/** What an application brings along, and nobody can say for one that exists already. */
const applicationProps = ['network', 'shape', 'traceDomainId', 'logGroupId', 'egressPorts'] as const;

/** A function's configuration: it becomes environment variables. Tells OCI's own SDKs which identity to use. */
export function functionConfig({ environment }: McpWorkload): { [name: string]: string } {
  return { OCI_CLI_AUTH: 'resource_principal', ...environment };
}

/** Reports everything about a function which the service refuses or ignores. */
export function checkFunction(scope: Construct, props: FunctionHostingProps, workload: McpWorkload): void {
  checkApplication(scope, props);
  checkSize(scope, props);
  checkConfig(scope, workload);
  checkWorkload(scope, workload);
  if (workload.source.kind === 'image') checkFunctionImage(scope, workload.source);
}

function checkApplication(scope: Construct, props: FunctionHostingProps): void {
  const { applicationId, network } = props;
  if (applicationId === undefined) {
    if (network === undefined) {
      reportFault(scope, { prop: 'network', got: undefined, allowed: 'either network or applicationId' });
    }
  } else {
    for (const prop of applicationProps.filter((each) => props[each] !== undefined)) {
      reportFault(scope, {
        prop,
        got: 'a setting of the application',
        allowed: 'settings of an application made here: applicationId names one that has its own',
        fix: `remove ${prop} or applicationId`,
      });
    }
  }
  checkOneOf(scope, 'shape', props.shape, shapes);
  for (const port of props.egressPorts ?? []) checkPort(scope, 'egressPorts', port);
}

function checkSize(scope: Construct, props: FunctionHostingProps): void {
  const { memoryMib = 512, provisionedConcurrency: units } = props;
  checkOneOf(scope, 'memoryMib', memoryMib, memorySizes);
  checkInteger(scope, 'timeoutSeconds', props.timeoutSeconds, { min: 1, max: 300 });
  if (units === undefined || Token.isUnresolved(units) || Token.isUnresolved(memoryMib)) return;
  const step = memoryMib === 128 ? 40 : memoryMib === 256 ? 20 : 10;
  if (units >= step && units % step === 0) return;
  reportFault(scope, {
    prop: 'provisionedConcurrency',
    got: units,
    allowed: `a multiple of ${step} with ${memoryMib} MiB of memory`,
  });
}

function checkConfig(scope: Construct, workload: McpWorkload): void {
  const config = Object.entries(functionConfig(workload));
  for (const [key, value] of config) {
    checkPattern(scope, `environment.${key}`, value, {
      pattern: /^\P{Cc}*$/u,
      allowed: 'printable characters: a function takes no others in its configuration',
    });
  }
  const known = config.map(([key, value]) => key + (Token.isUnresolved(value) ? '' : value));
  const bytes = Buffer.byteLength(known.join(''));
  if (bytes > configMaxBytes) {
    reportFault(scope, {
      prop: 'environment',
      got: bytes,
      allowed: `at most ${configMaxBytes} bytes of names and values together`,
      fix: 'let the server read what is long from Object Storage or Vault with its resource principal',
    });
  }
}

function checkWorkload(scope: Construct, workload: McpWorkload): void {
  if (workload.transport !== McpTransport.STREAMABLE_HTTP) {
    reportFault(scope, {
      prop: 'transport',
      got: workload.transport,
      allowed: 'streamable_http on Functions: a function answers once and cannot hold a stream open',
    });
  }
  if (workload.configDirectories.length > 0) {
    reportFault(scope, {
      prop: 'hosting',
      got: 'a gateway on Functions',
      allowed: 'a server: a gateway holds sessions and streams, which end with each call of a function',
      fix: 'host the gateway on OKE, on Container Instances or on a hosted application',
    });
  }
  for (const name of Object.keys(workload.secretEnvironment)) {
    reportFault(scope, {
      prop: 'secretEnvironment',
      got: name,
      allowed: 'no secrets: the configuration of a function can be read by whoever may see the function',
      fix: 'let the server read a Vault secret with its resource principal, by an OCID in environment',
    });
  }
  for (const { path } of workload.secretDirectories) {
    reportFault(scope, {
      prop: 'secretDirectories',
      got: path,
      allowed: 'no folders: nothing can be mounted into a function',
      fix: 'let the server read Vault secrets with its resource principal and write them to /tmp',
    });
  }
}
