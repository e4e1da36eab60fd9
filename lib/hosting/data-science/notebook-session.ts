import { DatascienceNotebookSession } from '@cdktf/provider-oci/lib/datascience-notebook-session';
import { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { refuseSecrets } from '../../core/secret-literal';
import { checkInteger, checkNumber, checkPattern } from '../../core/validation';
import type { IGrantable, IPrincipal } from '../../iam/principal';
import { ResourcePrincipal } from '../../iam/resource-principal';
import type { IPrivateNetwork } from '../../network/private-network';
import { permitAttaching } from './data-science-network';
import { projectIn } from './project';

export interface NotebookSessionProps {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /** OCID of a Data Science project. @default - the one of this stack and compartment, as for model deployments */
  readonly projectId?: string;
  /** Network from whose subnet connections go out. @default - a network of the service with the internet */
  readonly network?: IPrivateNetwork;
  /** OCID of the compartment of `network`. @default - `compartmentId` */
  readonly networkCompartmentId?: string;
  /** A flexible shape. @default "VM.Standard.E4.Flex" */
  readonly shape?: string;
  /** OCPUs, 1 to 64. @default 1 */
  readonly ocpus?: number;
  /** Memory in GiB, 6 to 1024. @default 8 */
  readonly memoryGib?: number;
  /** Size of the block volume in GB, at least 50. @default 50 */
  readonly storageGb?: number;
  /** The dynamic group which the session belongs to. @default - policies name the session by its OCID */
  readonly dynamicGroup?: IPrincipal;
}

/**
 * A notebook session in which a server is developed, and its conda environment made and published, beside the deployments
 * that run it: same project, same network, and an identity that takes the same grants.
 */
export class NotebookSession extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** Where it is opened in a browser. */
  public readonly url: string;

  public constructor(scope: Construct, id: string, props: NotebookSessionProps) {
    super(scope, id);
    refuseSecrets(this, props);
    const { compartmentId, network, shape = 'VM.Standard.E4.Flex', ocpus = 1, memoryGib = 8, storageGb = 50 } = props;
    checkPattern(this, 'shape', shape, {
      pattern: /^VM\.[\w.-]+\.Flex$/,
      allowed: 'a flexible shape such as "VM.Standard.E4.Flex"',
    });
    checkInteger(this, 'ocpus', ocpus, { min: 1, max: 64 });
    checkNumber(this, 'memoryGib', memoryGib, { min: 6, max: 1024 });
    checkInteger(this, 'storageGb', storageGb, { min: 50 });
    const session = new DatascienceNotebookSession(this, 'Resource', {
      compartmentId,
      projectId: props.projectId ?? projectIn(this, compartmentId),
      displayName: qualifiedNameOf(this, 255),
      notebookSessionConfigDetails: {
        shape,
        notebookSessionShapeConfigDetails: { ocpus, memoryInGbs: memoryGib },
        blockStorageSizeInGbs: storageGb,
        subnetId: network?.subnetId,
      },
    });
    this.node.defaultChild = session;
    this.url = session.notebookSessionUrl;
    this.grantPrincipal = props.dynamicGroup ?? ResourcePrincipal.byId(this, 'datasciencenotebooksession', session.id);
    if (network !== undefined) {
      permitAttaching(this, { network, compartmentId: props.networkCompartmentId ?? compartmentId }, session);
    }
  }
}
