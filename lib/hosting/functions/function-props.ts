import type { IPrincipal } from '../../iam/principal';
import type { ImageRepository } from '../../mcp/container-image';
import type { IPrivateNetwork } from '../../network/private-network';
import type { FunctionRoute } from './function-route';

/** Processors that the functions of an application run on; with two of them the image must hold both. */
export type FunctionShape = 'GENERIC_X86' | 'GENERIC_ARM' | 'GENERIC_X86_ARM';

/** Memory sizes that functions come in, in MiB. */
export type FunctionMemory = 128 | 256 | 512 | 1024 | 2048 | 3072;

export interface FunctionHostingProps {
  /** OCID of the compartment, the one of the application. */
  readonly compartmentId: string;
  /** Network and subnet of the application made here. @default - `applicationId` is given */
  readonly network?: IPrivateNetwork;
  /**
   * OCID of an application that exists already, with its own network, shape and logs.
   * @default - an application for each function is made in `network`
   */
  readonly applicationId?: string;
  /** Processors of the application made here. @default "GENERIC_X86" */
  readonly shape?: FunctionShape;
  /**
   * Memory in MiB, one of 128, 256, 512, 1024, 2048 and 3072. Processing power grows with it.
   * @default 512
   * @see https://docs.oracle.com/en-us/iaas/Content/Functions/Tasks/functionscustomizing.htm
   */
  readonly memoryMib?: FunctionMemory;
  /**
   * Seconds a call may take, 1 to 300. The gateway waits for 60 unless `addBackend` is told `requestTimeoutSeconds`.
   * @default 60
   * @see https://docs.oracle.com/en-us/iaas/Content/Functions/Tasks/functionscustomizing.htm
   */
  readonly timeoutSeconds?: number;
  /**
   * Calls for which a container is kept ready, at a price: a multiple of 40 with 128 MiB of memory, of 20 with 256, of 10
   * with more.
   * @default - none: the first call and each one beyond the running containers start one
   * @see https://docs.oracle.com/en-us/iaas/Content/Functions/Tasks/functionsusingprovisionedconcurrency.htm
   */
  readonly provisionedConcurrency?: number;
  /** OCID of the APM domain that takes the traces of the application made here. @default - the domain of the server's `monitoring`, otherwise no traces */
  readonly traceDomainId?: string;
  /** OCID of the log group for the invocation log of the application made here. @default - the one of the server's `monitoring`, otherwise no log */
  readonly logGroupId?: string;
  /**
   * TCP ports that functions of the application made here may reach anywhere, beside the paths which this stack opens.
   * @default [443]
   */
  readonly egressPorts?: readonly number[];
  /**
   * The private repository of the image. The Functions service is permitted to read it before the function is made.
   * @default - the repository the image itself names; without one the service is permitted outside this stack
   * @see https://docs.oracle.com/en-us/iaas/Content/Functions/Tasks/functionscreatingpolicies.htm
   */
  readonly imageRepository?: ImageRepository;
  /**
   * The dynamic group which the function belongs to, for permissions that must exist before it runs.
   * @default - policies name the function by its OCID, and follow it
   */
  readonly dynamicGroup?: IPrincipal;
  /**
   * A way in through an API Gateway, for callers that cannot sign requests.
   * @default - callers sign their requests to the function's own endpoint
   */
  readonly route?: FunctionRoute;
}
