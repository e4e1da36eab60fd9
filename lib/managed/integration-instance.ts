import { DataOciIntegrationIntegrationInstance } from '@cdktf/provider-oci/lib/data-oci-integration-integration-instance';
import { IntegrationIntegrationInstance } from '@cdktf/provider-oci/lib/integration-integration-instance';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { refuseSecrets } from '../core/secret-literal';
import { hostNameOf } from '../core/urls';
import { checkInteger, checkPattern, reportFault } from '../core/validation';

/** An instance of Oracle Integration 3. Each of its projects can be an MCP server. */
export interface IIntegrationInstance extends IConstruct {
  /** Host name of its runtime, usually a reference. */
  readonly hostName: string;
}

export interface IntegrationInstanceProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** Edition of Oracle Integration 3; those without an X are of the generation before, which has no MCP. @default "STANDARDX" */
  readonly edition?: 'STANDARDX' | 'ENTERPRISEX';
  /** Packs of messages that may be used in an hour, at least 1. @default 1 */
  readonly messagePacks?: number;
  /** Whether you bring a license for Oracle middleware. @default false */
  readonly bringYourOwnLicense?: boolean;
  /** OCID of the identity domain whose applications and users may call it. @default - that of whoever applies */
  readonly domainId?: string;
  /** Name of the instance, which its host name begins with. @default - derived from the construct's path */
  readonly instanceName?: string;
  /**
   * Addresses that may reach it: IPv4 addresses or blocks such as "203.0.113.0/24".
   * @default - the whole internet, with a token
   */
  readonly allowedAddresses?: readonly string[];
  /** OCIDs of VCNs that may reach it through their service gateways, beside `allowedAddresses`. @default - none */
  readonly allowedVcns?: readonly string[];
}

/**
 * An instance of Oracle Integration 3 with a public endpoint. It takes about half an hour to make and is billed by the hour.
 *
 * @example
 * const instance = new IntegrationInstance(this, 'Integration', { compartmentId, allowedVcns: [network.vcnId] });
 */
export class IntegrationInstance extends Construct implements IIntegrationInstance {
  /**
   * An instance that exists already, by the host name in the URLs of its runtime.
   * @example IntegrationInstance.fromHostName(this, 'Integration', 'acme-fra.integration.eu-frankfurt-1.ocp.oraclecloud.com');
   */
  public static fromHostName(scope: Construct, id: string, hostName: string): IIntegrationInstance {
    const construct = new Construct(scope, id);
    checkPattern(construct, 'hostName', hostName, {
      pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i,
      allowed:
        'a host name without protocol and path, such as "acme-fra.integration.eu-frankfurt-1.ocp.oraclecloud.com"',
    });
    return Object.assign(construct, { hostName });
  }

  /** An instance that exists already; its host name is looked up. @param instanceId Its OCID. */
  public static fromInstanceId(scope: Construct, id: string, instanceId: string): IIntegrationInstance {
    const construct = new Construct(scope, id);
    checkPattern(construct, 'instanceId', instanceId, {
      pattern: /^ocid1\.integrationinstance\./,
      allowed: 'the OCID of an integration instance',
    });
    const { instanceUrl } = new DataOciIntegrationIntegrationInstance(construct, 'Instance', {
      integrationInstanceId: instanceId,
    });
    return Object.assign(construct, { hostName: hostNameOf(instanceUrl) });
  }

  public readonly hostName: string;
  /** OCID of the instance. */
  public readonly instanceId: string;

  public constructor(scope: Construct, id: string, props: IntegrationInstanceProps) {
    super(scope, id);
    refuseSecrets(this, props);
    checkIntegrationInstance(this, props);
    const { allowedAddresses = [], allowedVcns = [] } = props;
    const isRestricted = allowedAddresses.length + allowedVcns.length > 0;
    const instance = new IntegrationIntegrationInstance(this, 'Resource', {
      compartmentId: props.compartmentId,
      displayName: props.instanceName ?? qualifiedNameOf(this, 50),
      integrationInstanceType: props.edition ?? 'STANDARDX',
      isByol: props.bringYourOwnLicense ?? false,
      messagePacks: props.messagePacks ?? 1,
      domainId: props.domainId,
      networkEndpointDetails: isRestricted
        ? {
            networkEndpointType: 'PUBLIC',
            allowlistedHttpIps: [...allowedAddresses],
            allowlistedHttpVcns: allowedVcns.map((vcnId) => ({ id: vcnId })),
          }
        : undefined,
    });
    this.node.defaultChild = instance;
    this.instanceId = instance.id;
    this.hostName = hostNameOf(instance.instanceUrl);
  }
}

function checkIntegrationInstance(scope: Construct, props: IntegrationInstanceProps): void {
  checkInteger(scope, 'messagePacks', props.messagePacks, { min: 1 });
  checkPattern(scope, 'instanceName', props.instanceName, {
    pattern: /^[A-Za-z][A-Za-z0-9-]*$/,
    allowed: 'letters, digits and hyphens, a letter first: the host name begins with it',
  });
  for (const address of props.allowedAddresses ?? []) {
    checkPattern(scope, 'allowedAddresses', address, {
      pattern: /^(\d{1,3}\.){3}\d{1,3}(\/([0-9]|[12]\d|3[0-2]))?$/,
      allowed: 'an IPv4 address or block such as "203.0.113.0/24"',
    });
  }
  if (props.allowedAddresses?.includes('0.0.0.0/0')) {
    reportFault(scope, {
      prop: 'allowedAddresses',
      got: '0.0.0.0/0',
      allowed: 'some addresses',
      fix: 'leave allowedAddresses and allowedVcns out: the whole internet is what they narrow',
    });
  }
}
