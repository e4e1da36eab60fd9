import {
  ApigatewayDeployment,
  type ApigatewayDeploymentSpecificationRequestPolicies,
  type ApigatewayDeploymentSpecificationRoutes,
} from '@cdktf/provider-oci/lib/apigateway-deployment';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { checkDeployments } from '../../mcp/api-gateway';
import { serviceLog } from '../../mcp/service-log';
import type { ApiGatewayEdgeProps } from './api-gateway-edge-props';

/** Headers of MCP that a page in a browser may send. */
const requestHeaders = [
  ...['Authorization', 'Content-Type', 'Accept', 'Last-Event-ID'],
  ...['Mcp-Session-Id', 'MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name'],
];

/** Headers that it may read. */
const responseHeaders = ['Mcp-Session-Id', 'WWW-Authenticate'];

/** One deployment of an edge. */
export interface EdgeDeployment {
  readonly gatewayId: string;
  readonly pathPrefix: string;
  readonly routes: readonly ApigatewayDeploymentSpecificationRoutes[];
  /** What holds for this deployment alone. */
  readonly policies?: ApigatewayDeploymentSpecificationRequestPolicies;
  /** Origins of browsers. */
  readonly corsOrigins: readonly string[];
}

/** Makes a deployment with the policies that hold for all of an edge, and its logs. */
export function deploy(scope: Construct, edge: ApiGatewayEdgeProps, own: EdgeDeployment): ApigatewayDeployment {
  const { compartmentId, rateLimit, mutualTls, monitoring, browserHeaders = [] } = edge;
  const { corsOrigins } = own;
  const deployment = new ApigatewayDeployment(scope, 'Deployment', {
    compartmentId,
    displayName: qualifiedNameOf(scope, 255),
    gatewayId: own.gatewayId,
    pathPrefix: own.pathPrefix,
    specification: {
      loggingPolicies: monitoring && {
        executionLog: { isEnabled: true, logLevel: edge.executionLogLevel ?? 'INFO' },
      },
      requestPolicies: {
        ...own.policies,
        cors:
          corsOrigins.length === 0
            ? undefined
            : {
                allowedOrigins: [...corsOrigins],
                allowedMethods: ['GET', 'POST', 'DELETE', 'OPTIONS'],
                allowedHeaders: [...requestHeaders, ...browserHeaders],
                exposedHeaders: responseHeaders,
                maxAgeInSeconds: 600,
              },
        rateLimiting: rateLimit && {
          rateInRequestsPerSecond: rateLimit.requestsPerSecond,
          rateKey: rateLimit.per ?? 'CLIENT_IP',
        },
        mutualTls: mutualTls && {
          isVerifiedCertificateRequired: true,
          allowedSans: mutualTls.allowedNames && [...mutualTls.allowedNames],
        },
      },
      routes: [...own.routes],
    },
  });
  checkDeployments(scope, 'pathPrefix', deployment);
  if (monitoring !== undefined) {
    const log = { logGroupId: monitoring.logGroupId, compartmentId, service: 'apigateway', resource: deployment.id };
    const retentionDays = monitoring.logRetentionDays;
    serviceLog(scope, 'AccessLog', { ...log, category: 'access', retentionDays });
    serviceLog(scope, 'ExecutionLog', { ...log, category: 'execution', retentionDays });
  }
  return deployment;
}
