import { ApigatewayDeployment } from '@cdktf/provider-oci/lib/apigateway-deployment';
import type { Construct } from 'constructs';
import { sameReference } from '../core/references';
import { checkPattern, describeFault } from '../core/validation';

/**
 * The most deployments of one API Gateway.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Reference/apigatewaylimits.htm
 */
const deploymentsMax = 20;

/** An API Gateway that exists already. */
export interface ApiGatewayAttributes {
  /** OCID of the API Gateway. */
  readonly gatewayId: string;
  /** OCID of its compartment, by which the policy that lets it call a function names it. */
  readonly compartmentId: string;
}

/**
 * Reports a path prefix of a deployment that the service refuses.
 * @param maxLength Characters it may have; more follows it where this is below 255.
 * @see https://docs.oracle.com/en-us/iaas/Content/APIGateway/Tasks/apigatewaycreatingdeployment.htm
 */
export function checkPathPrefix(scope: Construct, prop: string, pathPrefix: string, maxLength = 255): void {
  checkPattern(scope, prop, pathPrefix, {
    pattern: new RegExp(`^(?=.{1,${maxLength}}$)(/|(/[A-Za-z0-9_\\-.]+)+)$`),
    allowed: `a path of at most ${maxLength} letters, digits and - _ . / that starts with "/" and does not end with one`,
  });
}

/**
 * Reports at synth what an API Gateway cannot hold together: more deployments than it takes, two of one prefix, or another
 * beside "/". Seen are the deployments of one app.
 */
export function checkDeployments(scope: Construct, prop: string, deployment: ApigatewayDeployment): void {
  scope.node.addValidation({ validate: () => deploymentFaults(prop, deployment) });
}

function deploymentFaults(prop: string, deployment: ApigatewayDeployment): string[] {
  const gatewayId = deployment.gatewayIdInput ?? '';
  const all = deployment.node.root.node
    .findAll()
    .filter((node) => node instanceof ApigatewayDeployment)
    .filter((each) => sameReference(each, each.gatewayIdInput ?? '', gatewayId));
  const earlier = all.slice(0, all.indexOf(deployment));
  const prefix = deployment.pathPrefixInput ?? '';
  const twin = earlier.find((each) => each.pathPrefixInput === prefix);
  const faults: string[] = [];
  const report = (got: unknown, allowed: string) => faults.push(describeFault({ prop, got, allowed }));
  if (earlier.length === deploymentsMax) report(all.length, `at most ${deploymentsMax} deployments on one API Gateway`);
  if (twin !== undefined) report(prefix, `a path that no other deployment has, as ${twin.node.path} does`);
  else if (prefix === '/' && all.length > 1) {
    report(prefix, 'a longer path beside other deployments: "/" must be alone on an API Gateway');
  }
  return faults;
}
