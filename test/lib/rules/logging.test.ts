import { ApigatewayDeployment } from '@cdktf/provider-oci/lib/apigateway-deployment';
import { DatascienceModelDeployment } from '@cdktf/provider-oci/lib/datascience-model-deployment';
import { FunctionsApplication } from '@cdktf/provider-oci/lib/functions-application';
import { LoadBalancerLoadBalancer } from '@cdktf/provider-oci/lib/load-balancer-load-balancer';
import { LoggingLog } from '@cdktf/provider-oci/lib/logging-log';
import type { TerraformResource, TerraformStack } from 'cdktf';
import { expectNoFindings, findingsOf, findingsOfApp } from '../../helpers/rules';
import { compartmentId } from '../fixtures';

const subnetIds = ['ocid1.subnet.oc1..example'];

const makers: [string, (stack: TerraformStack) => TerraformResource & { readonly id: string }][] = [
  [
    'apigateway',
    (stack) =>
      new ApigatewayDeployment(stack, 'Made', {
        compartmentId,
        gatewayId: 'ocid1.apigateway.oc1..example',
        pathPrefix: '/',
        specification: { routes: [{ path: '/', backend: { type: 'STOCK_RESPONSE_BACKEND', status: 404 } }] },
      }),
  ],
  ['functions', (stack) => new FunctionsApplication(stack, 'Made', { compartmentId, displayName: 'mcp', subnetIds })],
  [
    'loadbalancer',
    (stack) =>
      new LoadBalancerLoadBalancer(stack, 'Made', {
        compartmentId,
        displayName: 'mcp',
        shape: 'flexible',
        subnetIds,
        isPrivate: true,
      }),
  ],
];

function log(stack: TerraformStack, service: string, resource: string, isEnabled?: boolean): void {
  new LoggingLog(stack, 'Log', {
    displayName: service,
    logGroupId: 'ocid1.loggroup.oc1..example',
    logType: 'SERVICE',
    isEnabled,
    configuration: { source: { service, resource, category: 'all', sourceType: 'OCISERVICE' } },
  });
}

describe.each(makers)('a resource of the service %s', (service, make) => {
  const finding = `[stack/Made] MCP008 No logging: no log of the service ${service} has it as its source`;

  test('is found without a log, with one that is off, and with that of another resource', () => {
    expect(findingsOf(make)).toEqual([finding]);
    expect(findingsOf((stack) => log(stack, service, make(stack).id, false))).toEqual([finding]);
    const other = (stack: TerraformStack) => {
      make(stack);
      log(stack, service, 'ocid1.other.oc1..example');
    };
    expect(findingsOf(other)).toEqual([finding]);
  });

  test('passes with a log', () => expectNoFindings((stack) => log(stack, service, make(stack).id)));

  test('passes with a log in another stack', () => {
    expect(findingsOfApp((one, two) => log(two, service, make(one).id))).toEqual([]);
    expect(findingsOfApp((one) => void make(one))).toEqual([finding.replace('stack', 'one')]);
  });
});

test('a model deployment is found without categories of logs', () => {
  const build = (categoryLogDetails?: object) => (stack: TerraformStack) => {
    new DatascienceModelDeployment(stack, 'Made', {
      compartmentId,
      projectId: 'ocid1.datascienceproject.oc1..example',
      modelDeploymentConfigurationDetails: { deploymentType: 'SINGLE_MODEL' },
      ...(categoryLogDetails && { categoryLogDetails }),
    });
  };
  expect(findingsOf(build())).toEqual([
    '[stack/Made] MCP008 No logging: a model deployment without category_log_details',
  ]);
  const access = { logGroupId: 'ocid1.loggroup.oc1..example', logId: 'ocid1.log.oc1..example' };
  expectNoFindings(build({ access }));
});
