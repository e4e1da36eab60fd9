import { ApigatewayGateway } from '@cdktf/provider-oci/lib/apigateway-gateway';
import { DataOciApigatewayGateway } from '@cdktf/provider-oci/lib/data-oci-apigateway-gateway';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { checkOneOf, reportFault } from '../../core/validation';
import { AddressRange } from '../../network/address-range';
import { type Connections, ExternalConnections } from '../../network/connections';
import { NetworkSecurityGroup, SecurityGroupConnections } from '../../network/network-security-group';
import type { ApiGatewayEdgeProps, MutualTls, SharedApiGateway } from './api-gateway-edge-props';

/** The port of every API Gateway. */
const https = 443;

/** The API Gateway on which deployments stand. */
export interface ApiGatewayPlace {
  readonly gatewayId: string;
  /** Host name under which clients reach it. */
  readonly hostname: string;
  readonly connections: Connections;
}

/** Makes an API Gateway, or finds the one that is there. */
export function placeOf(scope: Construct, props: ApiGatewayEdgeProps): ApiGatewayPlace {
  return props.apiGateway === undefined ? made(scope, props) : shared(scope, props.apiGateway, props);
}

/** Lets the API Gateway out to where keys are published, as far as its rules are kept here. */
export function allowToKeys({ connections }: ApiGatewayPlace, port: number) {
  return connections instanceof SecurityGroupConnections ? connections.allowToInternet(port) : [];
}

function made(scope: Construct, props: ApiGatewayEdgeProps): ApiGatewayPlace {
  const { compartmentId, network, endpoint = 'PRIVATE', domain, mutualTls } = props;
  checkOneOf(scope, 'endpoint', endpoint, ['PRIVATE', 'PUBLIC']);
  if (network === undefined) {
    reportFault(scope, {
      prop: 'network',
      got: undefined,
      allowed: 'the network of an API Gateway made here, or apiGateway',
    });
    return { gatewayId: '', hostname: 'reference.invalid', connections: unknownGroup(scope) };
  }
  const subnetId = endpoint === 'PUBLIC' ? network.publicSubnetId : network.subnetId;
  if (subnetId === undefined) {
    reportFault(scope, {
      prop: 'endpoint',
      got: endpoint,
      allowed: 'PRIVATE in a network without a public subnet',
      fix: 'give the network publicSubnetCidrBlock, or publicSubnetId where it is imported',
    });
  }
  const group = new NetworkSecurityGroup(scope, 'SecurityGroup', { compartmentId, vcnId: network.vcnId, port: https });
  const everybody = () => new AddressRange(scope, 'Internet', '0.0.0.0/0');
  const clients = props.clients ?? (endpoint === 'PUBLIC' ? [everybody()] : []);
  for (const client of clients) group.connections.allowFrom(client);
  const gateway = new ApigatewayGateway(scope, 'Gateway', {
    compartmentId,
    displayName: qualifiedNameOf(scope, 255),
    endpointType: endpoint,
    subnetId: subnetId ?? '',
    networkSecurityGroupIds: [group.securityGroupId],
    certificateId: domain?.certificateId,
    caBundles: mutualTls && trustStoreOf(mutualTls),
  });
  return { gatewayId: gateway.id, hostname: domain?.hostname ?? gateway.hostname, connections: group.connections };
}

function trustStoreOf({ caBundleIds = [], certificateAuthorityIds = [] }: MutualTls) {
  return [
    ...caBundleIds.map((caBundleId) => ({ type: 'CA_BUNDLE', caBundleId })),
    ...certificateAuthorityIds.map((certificateAuthorityId) => ({
      type: 'CERTIFICATE_AUTHORITY',
      certificateAuthorityId,
    })),
  ];
}

/** What only an API Gateway made here can be told. */
const settings = ['endpoint', 'domain', 'clients'] as const;

function shared(scope: Construct, gateway: SharedApiGateway, props: ApiGatewayEdgeProps): ApiGatewayPlace {
  for (const prop of settings.filter((each) => props[each] !== undefined)) {
    reportFault(scope, {
      prop,
      got: 'a setting of the API Gateway',
      allowed: 'settings of an API Gateway made here: apiGateway names one that has its own',
      fix: `remove ${prop} or apiGateway`,
    });
  }
  const { gatewayId } = gateway;
  const hostname = gateway.hostname ?? new DataOciApigatewayGateway(scope, 'Gateway', { gatewayId }).hostname;
  return { gatewayId, hostname, connections: connectionsOf(scope, gateway, props) };
}

function connectionsOf(
  scope: Construct,
  { securityGroupId, cidrBlock }: SharedApiGateway,
  { target }: ApiGatewayEdgeProps,
): Connections {
  if (securityGroupId !== undefined) {
    const cidrBlocks = cidrBlock === undefined ? undefined : [cidrBlock];
    return new SecurityGroupConnections(scope, securityGroupId, { port: https, cidrBlocks });
  }
  if (cidrBlock !== undefined) return new AddressRange(scope, 'ApiGateway', cidrBlock).connections;
  if (!target.connections.peer.external) {
    reportFault(scope, {
      prop: 'apiGateway',
      got: 'neither securityGroupId nor cidrBlock',
      allowed: 'one of them, so that the target can let the API Gateway in',
    });
    return unknownGroup(scope);
  }
  return new ExternalConnections(scope, https);
}

/** Stands where a fault was reported, so that it is the only one. */
function unknownGroup(scope: Construct): Connections {
  return new SecurityGroupConnections(scope, 'unknown', { port: https });
}
