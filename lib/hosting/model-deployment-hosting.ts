import type { Construct } from 'constructs';
import { checkInteger } from '../core/validation';
import type { IHostedWorkload, IMcpHosting } from '../mcp/mcp-hosting';
import type { McpWorkload } from '../mcp/mcp-workload';
import { checkCondaEnvironment } from './data-science/conda-environment';
import { checkWorkload } from './data-science/environment';
import { checkInstances } from './data-science/instances';
import { ModelDeployment } from './data-science/model-deployment';
import { checkNetwork, type ModelDeploymentHostingProps } from './data-science/model-deployment-props';

/**
 * A model deployment of OCI Data Science: instances behind an HTTPS endpoint that wants signed requests and answers each with
 * one JSON document, within 60 seconds and 10 MB. It runs a Python server from its folder, or a container.
 * @see https://docs.oracle.com/en-us/iaas/data-science/using/model-dep-predict-endpoint.htm
 *
 * @example
 * new ModelDeploymentHosting({ compartmentId, condaEnvironment: { path: 'oci://conda@acme/mcp_p312_v1', pythonVersion: '3.12' } });
 */
export class ModelDeploymentHosting implements IMcpHosting {
  public constructor(private readonly props: ModelDeploymentHostingProps) {}

  public bind(scope: Construct, _name: string, workload: McpWorkload): IHostedWorkload {
    const { props } = this;
    checkInstances(scope, props);
    checkWorkload(scope, workload);
    checkNetwork(scope, props);
    checkInteger(scope, 'bandwidthMbps', props.bandwidthMbps, { min: 10 });
    if (props.condaEnvironment !== undefined) checkCondaEnvironment(scope, props.condaEnvironment);
    return new ModelDeployment(scope, workload, props);
  }
}
