import { ArtifactsContainerRepository } from '@cdktf/provider-oci/lib/artifacts-container-repository';
import { DataOciObjectstorageNamespace } from '@cdktf/provider-oci/lib/data-oci-objectstorage-namespace';
import { Construct, type IConstruct } from 'constructs';
import { qualifiedNameOf } from '../core/names';
import { regionOf } from '../core/region';
import { checkPattern } from '../core/validation';
import type { Grant } from '../iam/grant';
import type { IGrantable } from '../iam/principal';
import { type ImageRepository, permitPulling } from '../mcp/container-image';

/** A repository in OCI's container registry, and how its images are named. */
export interface IContainerRepository extends ImageRepository, IConstruct {
  /** Host of the registry: `ocir.eu-frankfurt-1.oci.oraclecloud.com`. May be a reference. */
  readonly registryHost: string;
  /** What stands in front of tag and digest: `<host>/<namespace>/<name>`. Usually a reference. */
  readonly repositoryUri: string;
  /** Lets `grantee` pull every image of it. Hostings that pull with their own identity do that themselves. */
  grantPull(grantee: IGrantable): Grant;
}

/** Where a repository is. */
interface RepositoryPlace {
  /**
   * Region of the registry. Functions pull from their own region only.
   * @default - the region of the stack's OCI provider
   */
  readonly region?: string;
  /**
   * Host of the registry.
   * @default "ocir.<region>.oci.oraclecloud.com" - as in the commercial realm; other realms have other domains
   * @see https://docs.oracle.com/en-us/iaas/Content/Registry/Tasks/registrypushingimagesusingthedockercli.htm
   */
  readonly registryHost?: string;
}

export interface ContainerRepositoryAttributes extends RepositoryPlace {
  /** OCID of the compartment that holds it. */
  readonly compartmentId: string;
  /** Name inside the registry's namespace: `mcp/planner`. */
  readonly name: string;
  /** The namespace of the tenancy. @default - looked up */
  readonly namespace?: string;
}

export interface ContainerRepositoryProps extends RepositoryPlace {
  /** OCID of the compartment. */
  readonly compartmentId: string;
  /**
   * Name inside the registry's namespace, unique in the tenancy: `mcp/planner`.
   * @default - made of the stack's name and the construct's path
   * @see https://docs.oracle.com/en-us/iaas/Content/Registry/Tasks/registrycreatingarepository.htm
   */
  readonly name?: string;
  /** Whether an image that has been pushed can never be overwritten. @default true */
  readonly immutable?: boolean;
}

/**
 * A private repository in OCI's container registry. Deleting it deletes its images.
 * @see https://docs.oracle.com/en-us/iaas/Content/Registry/Tasks/registrydeletingrepos.htm
 *
 * @example
 * const repository = new ContainerRepository(this, 'Planner', { compartmentId, name: 'mcp/planner' });
 */
export class ContainerRepository extends Construct implements IContainerRepository {
  /**
   * A repository that exists already.
   * @example ContainerRepository.fromAttributes(this, 'Planner', { compartmentId, name: 'mcp/planner' });
   */
  public static fromAttributes(
    scope: Construct,
    id: string,
    attributes: ContainerRepositoryAttributes,
  ): IContainerRepository {
    const construct = new Construct(scope, id);
    const { compartmentId, name } = attributes;
    checkRepositoryName(construct, name);
    const namespace =
      attributes.namespace ?? new DataOciObjectstorageNamespace(construct, 'Namespace', { compartmentId }).namespace;
    const registryHost = hostOf(construct, attributes);
    const repository: IContainerRepository = Object.assign(construct, {
      compartmentId,
      name,
      registryHost,
      repositoryUri: `${registryHost}/${namespace}/${name}`,
      grantPull: (grantee: IGrantable) => permitPulling(grantee, repository),
    });
    return repository;
  }

  public readonly compartmentId: string;
  public readonly name: string;
  public readonly registryHost: string;
  public readonly repositoryUri: string;

  public constructor(scope: Construct, id: string, props: ContainerRepositoryProps) {
    super(scope, id);
    this.compartmentId = props.compartmentId;
    this.name = props.name ?? qualifiedNameOf(this, 200);
    checkRepositoryName(this, this.name);
    const resource = new ArtifactsContainerRepository(this, 'Resource', {
      compartmentId: props.compartmentId,
      displayName: this.name,
      isPublic: false,
      isImmutable: props.immutable ?? true,
    });
    this.node.defaultChild = resource;
    this.registryHost = hostOf(this, props);
    // Both are references to the resource: whatever pushes here waits for it.
    this.repositoryUri = `${this.registryHost}/${resource.namespace}/${resource.displayName}`;
  }

  public grantPull(grantee: IGrantable): Grant {
    return permitPulling(grantee, this);
  }
}

function hostOf(scope: Construct, { registryHost, region }: RepositoryPlace): string {
  checkPattern(scope, 'registryHost', registryHost, {
    pattern: /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?$/,
    allowed: 'a host without scheme and path, such as "ocir.eu-frankfurt-1.oci.oraclecloud.com"',
  });
  return registryHost ?? `ocir.${region ?? regionOf(scope)}.oci.oraclecloud.com`;
}

/** @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
function checkRepositoryName(scope: Construct, name: string): void {
  checkPattern(scope, 'name', name, {
    pattern: /^(?=.{1,200}$)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/,
    allowed: 'lower case letters and digits, with single separators ". _ - /" between them, at most 200 characters',
  });
}
