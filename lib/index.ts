export type { AccessConditions, AccessRule, ToolConditions, ToolScopes } from './auth/access-rule';
export { IdentityDomain, type IdentityDomainOptions } from './auth/identity-domain';
export { IdentityDomainApp, type IIdentityDomainApp } from './auth/identity-domain-app';
export type {
  IdentityDomainAppAttributes,
  IdentityDomainAppProps,
  IdentityDomainClient,
  IdentityDomainResource,
  IdentityDomainScope,
  OAuthGrant,
} from './auth/identity-domain-app-props';
export {
  type AccessOptions,
  InboundAuth,
  type IntrospectionAuthOptions,
  type JwtAuthOptions,
  type StaticTokenAuthOptions,
  type TokenCheckOptions,
  type TrustedIssuer,
} from './auth/inbound-auth';
export type {
  ApiGatewayAuthentication,
  ApiGatewayDomain,
  ApiGatewayEdgeProps,
  ApiGatewayTimeouts,
  MutualTls,
  RateLimit,
  SharedApiGateway,
} from './edge/api-gateway/api-gateway-edge-props';
export type { UsagePlan, UsageQuota } from './edge/api-gateway/usage-plans';
export { ApiGatewayEdge } from './edge/api-gateway-edge';
export type {
  LoadBalancerBandwidth,
  LoadBalancerEdgeProps,
  LoadBalancerPolicy,
  LoadBalancerType,
  WebAppFirewallOptions,
} from './edge/load-balancer/load-balancer-props';
export { LoadBalancerEdge } from './edge/load-balancer-edge';
export type { BackendOptions, ProtocolVersion } from './gateway/backend-options';
export { ClientConfiguration, type ClientConfigurationProps } from './gateway/client-configuration';
export type { ExposedTools, ToolOverride } from './gateway/exposed-tools';
export type { GatewayAudit } from './gateway/gateway-audit';
export type { GatewayCatalogProps, GatewayToolsOptions, GatewayView } from './gateway/gateway-catalog';
export type { CallLimit, GatewayLimits } from './gateway/gateway-limits';
export type { GatewayMetricOptions, LatencyPercentile } from './gateway/gateway-metrics';
export type { GatewayConsole, McpGatewayProps } from './gateway/gateway-props';
export { type ConnectedServer, McpGateway } from './gateway/mcp-gateway';
export type { ToolGrantOptions } from './gateway/tool-grants';
export { ContainerInstanceHosting } from './hosting/container-instance-hosting';
export type {
  ContainerInstanceHostingProps,
  ContainerRestartPolicy,
} from './hosting/container-instances/container-instance-props';
export type {
  ContainerInstanceSidecar,
  ContainerInstanceVolume,
} from './hosting/container-instances/container-options';
export type { CondaEnvironment } from './hosting/data-science/conda-environment';
export type { ModelDeploymentAutoscaling, ModelDeploymentInstances } from './hosting/data-science/instances';
export type { ModelDeploymentEgress, ModelDeploymentHostingProps } from './hosting/data-science/model-deployment-props';
export { NotebookSession, type NotebookSessionProps } from './hosting/data-science/notebook-session';
export { FunctionHosting } from './hosting/function-hosting';
export type { FunctionHostingProps, FunctionMemory, FunctionShape } from './hosting/functions/function-props';
export type { FunctionRoute } from './hosting/functions/function-route';
export {
  HostedApplicationHosting,
  type HostedApplicationHostingProps,
} from './hosting/hosted-application-hosting';
export {
  HostedApplicationAuth,
  type HostedApplicationClient,
  type IdentityDomainAuthProps,
} from './hosting/hosted-applications/hosted-application-auth';
export type {
  HostedApplicationMetric,
  HostedApplicationScaling,
} from './hosting/hosted-applications/hosted-application-scaling';
export type {
  HostedApplicationStorage,
  ManagedStorageType,
} from './hosting/hosted-applications/hosted-application-storage';
export type { ContainerOptions } from './hosting/kubernetes/pod';
export type { ContainerResources } from './hosting/kubernetes/resources';
export { ModelDeploymentHosting } from './hosting/model-deployment-hosting';
export { type IOkeCluster, OkeCluster, type OkeClusterAttributes, type OkeClusterProps } from './hosting/oke-cluster';
export { type OkeAutoscaling, OkeHosting, type OkeHostingProps } from './hosting/oke-hosting';
export type { OkeNodeOptions, OkeVirtualNodes } from './hosting/oke-nodes';
export { OkeSidecarHosting, type OkeSidecarHostingProps } from './hosting/oke-sidecar-hosting';
export { StdioHosting } from './hosting/stdio-hosting';
export { Compartment } from './iam/compartment';
export { DynamicGroup, type DynamicGroupDomain, type DynamicGroupProps } from './iam/dynamic-group';
export { Grant } from './iam/grant';
export { setHomeRegionProvider } from './iam/home-region';
export { type AllowOptions, IdentityPolicy, type IdentityPolicyProps, type PolicyRequest } from './iam/identity-policy';
export { MatchingRule } from './iam/matching-rule';
export { PolicyCondition } from './iam/policy-condition';
export { type PolicyStatementProps, PolicyVerb } from './iam/policy-statement';
export type { IGrantable, IPrincipal } from './iam/principal';
export { ResourcePrincipal } from './iam/resource-principal';
export { UserGroup } from './iam/user-group';
export { WorkloadIdentity, type WorkloadIdentityProps } from './iam/workload-identity';
export { ContainerImage, type RepositoryImage } from './image/container-image';
export {
  ContainerRepository,
  type ContainerRepositoryAttributes,
  type ContainerRepositoryProps,
  type IContainerRepository,
} from './image/container-repository';
export { DirectoryImage, type DirectoryImageProps, type ImagePlatform } from './image/directory-image';
export type { DockerProviderOptions } from './image/docker-provider';
export { ImageTemplate } from './image/image-template';
export {
  AutonomousDatabase,
  type AutonomousDatabaseAttributes,
  type AutonomousDatabaseProps,
  type IAutonomousDatabase,
} from './managed/autonomous-database';
export {
  AutonomousDatabaseMcpServer,
  type AutonomousDatabaseMcpServerProps,
  type DatabaseLogin,
} from './managed/autonomous-database-mcp-server';
export {
  DatabaseToolsConnection,
  type DatabaseToolsConnectionAttributes,
  type DatabaseToolsConnectionProps,
  DatabaseToolsPrivateEndpoint,
  type DatabaseToolsPrivateEndpointProps,
  type IDatabaseToolsConnection,
} from './managed/database-tools-connection';
export {
  DatabaseToolsMcpServer,
  type DatabaseToolsMcpServerProps,
  type McpServerRole,
  type ResultBucket,
} from './managed/database-tools-mcp-server';
export {
  type CustomSqlToolOptions,
  DatabaseToolset,
  DatabaseToolsSqlReport,
  type DatabaseToolsSqlReportProps,
  type ReportToolsOptions,
  type SqlAssistantOptions,
  type SqlVariable,
  type ToolSetting,
  type ToolsetOptions,
} from './managed/database-toolset';
export {
  type IIntegrationInstance,
  IntegrationInstance,
  type IntegrationInstanceProps,
} from './managed/integration-instance';
export {
  type IntegrationClient,
  IntegrationMcpServer,
  type IntegrationMcpServerProps,
} from './managed/integration-mcp-server';
export { ManagedMcpServer, type ManagedMcpServerOptions } from './managed/managed-mcp-server';
export { OracleDatabaseMcpServer, type OracleDatabaseMcpServerProps } from './managed/oracle-database-mcp-server';
export type { ApiGatewayAttributes } from './mcp/api-gateway';
export type { IContainerImage, ImageRepository } from './mcp/container-image';
export type { IEdgeTarget, LoadBalancerTarget } from './mcp/edge-target';
export type { McpEndpointAttributes, OpenApiAttributes } from './mcp/external-server';
export type { HostMetrics } from './mcp/host-metrics';
export type { IMcpServer } from './mcp/imcp-server';
export type { IInboundAuth, InboundAuthConfig } from './mcp/inbound-auth';
export type { KubernetesSecretKey, MountSecret } from './mcp/kubernetes-secret';
export type {
  HttpMcpEndpoint,
  McpEndpoint,
  OpenApiEndpoint,
  OperationChoice,
  OperationMethod,
  ServerEndpoint,
  StdioMcpEndpoint,
} from './mcp/mcp-endpoint';
export type { IHostedWorkload, IMcpHosting } from './mcp/mcp-hosting';
export { McpServer, type McpServerProps } from './mcp/mcp-server';
export {
  type CommandSource,
  type ImageSource,
  McpServerSource,
  type ScoreArtifactSource,
} from './mcp/mcp-server-source';
export { McpTransport } from './mcp/mcp-transport';
export type {
  ConfigDirectory,
  KubernetesSecretFiles,
  McpWorkload,
  SecretDirectory,
  VaultFiles,
} from './mcp/mcp-workload';
export {
  type AlarmCondition,
  type AlarmOptions,
  type AlarmSeverity,
  Metric,
  type MetricOptions,
  type MetricProps,
  type MetricStatistic,
} from './mcp/metric';
export type { AlarmThresholds, IMonitoring, TraceDestination } from './mcp/monitoring';
export type { MountedConfigMap } from './mcp/mounted-config-map';
export type { IOAuthClient, IOAuthResource } from './mcp/oauth';
export {
  type AutonomousDatabaseLogin,
  type BackendAuthConfig,
  type BasicLogin,
  type IOutboundAuth,
  type OAuthClientOptions,
  OutboundAuth,
  type OutboundAuthContext,
  type SecretLocation,
  type SigningMethod,
  type TokenExchangeOptions,
} from './mcp/outbound-auth';
export { type IVaultSecret, isVaultSecret, type SecretReference } from './mcp/secret-reference';
export type { ISharedState, SharedStateConfig, SharedStateContext } from './mcp/shared-state';
export { AddressRange } from './network/address-range';
export {
  Connections,
  ExternalConnections,
  type IConnectable,
  type NetworkPeer,
  type PodPeer,
} from './network/connections';
export type { NetworkLoadBalancerPolicy } from './network/network-load-balancer';
export {
  NetworkSecurityGroup,
  type NetworkSecurityGroupProps,
  SecurityGroupConnections,
} from './network/network-security-group';
export {
  type IPrivateNetwork,
  PrivateNetwork,
  type PrivateNetworkAttributes,
  type PrivateNetworkProps,
} from './network/private-network';
export type { ApmOptions } from './observability/apm-domain';
export { Monitoring, type MonitoringProps, type NotificationOptions } from './observability/monitoring';
export type { NodeLogsOptions } from './observability/node-logs';
export type { PlatformDocument } from './report/platform-document';
export { PlatformReport } from './report/platform-report';
export { McpRules, type McpRulesOptions } from './rules/mcp-rules';
export type { AllowedStatements } from './rules/rule';
export { GeneratedSecret } from './secrets/generated-secret';
export {
  type IReadableSecret,
  VaultSecret,
  type VaultSecretAttributes,
  type VaultSecretProps,
} from './secrets/vault-secret';
export { type CachePassword, OciCache, type OciCacheAttributes, type OciCacheProps } from './state/oci-cache';
