import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { type App, TerraformStack } from 'cdktf';
import {
  AddressRange,
  ApiGatewayEdge,
  ContainerInstanceHosting,
  IdentityDomain,
  IdentityDomainApp,
  InboundAuth,
  McpGateway,
  McpRules,
  McpServer,
  McpServerSource,
  OkeCluster,
  OkeHosting,
  PrivateNetwork,
} from 'cdktf-oci-mcp';
import { compartmentId, image, reference } from '../fixtures';
