import type { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { Annotations, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { checkPattern } from '../core/validation';
import type { Grant } from '../iam/grant';
import type { IGrantable } from '../iam/principal';
import { type IContainerImage, type ImageRepository, permitPulling } from '../mcp/container-image';
import type { IContainerRepository } from './container-repository';
import { DirectoryImage, type DirectoryImageProps } from './directory-image';
import { type DockerProviderOptions, dockerProvider } from './docker-provider';

/** An image of a repository that this app knows. One of the two is needed; the digest decides where both are given. */
export interface RepositoryImage {
  readonly repository: IContainerRepository;
  /** Digest: `sha256:0f3a…`. It names the same content forever. */
  readonly digest?: string;
  /** Tag: `1.4.0`. It can be moved to other content, unless the repository is immutable. */
  readonly tag?: string;
}

/**
 * A container image for a server or the gateway.
 *
 * @example
 * const planner = ContainerImage.fromDirectory(this, 'PlannerImage', {
 *   directory: 'servers/planner',
 *   template: ImageTemplate.PYTHON_SERVER,
 *   repository,
 * });
 * new McpServer(this, 'Planner', { source: McpServerSource.image(planner), hosting });
 */
export class ContainerImage implements IContainerImage {
  /**
   * An image that something else has built and pushed.
   * @param image Its name, by digest for preference, or its repository with a digest or a tag.
   * @param repository The private repository which a name is about, so that hostings may permit pulling from it.
   * @example ContainerImage.fromRegistry({ repository, digest: 'sha256:0f3a…' });
   */
  public static fromRegistry(image: string | RepositoryImage, repository?: ImageRepository): ContainerImage {
    if (typeof image === 'string') return new ContainerImage(image, undefined, repository);
    const { repositoryUri } = image.repository;
    const tagged = image.tag && `${repositoryUri}:${image.tag}`;
    checkRepositoryImage(image);
    const imageUri = image.digest === undefined ? `${tagged}` : `${repositoryUri}@${image.digest}`;
    return new ContainerImage(imageUri, tagged, image.repository);
  }

  /** An image that Terraform builds from a folder and pushes when it is applied. */
  public static fromDirectory(scope: Construct, id: string, props: DirectoryImageProps): DirectoryImage {
    return new DirectoryImage(scope, id, props);
  }

  /**
   * A Docker provider for {@link fromDirectory}, with the credentials that `docker login` keeps on the machine that runs
   * Terraform: none is in the stack or in the state.
   * @example ContainerImage.dockerProvider(this, 'Docker', { repositories: [repository] });
   */
  public static dockerProvider(scope: Construct, id: string, options: DockerProviderOptions): DockerProvider {
    return dockerProvider(scope, id, options);
  }

  private constructor(
    public readonly imageUri: string,
    /** The same image by its tag, for hosts that take no digest. */
    public readonly taggedUri?: string,
    public readonly repository?: ImageRepository,
  ) {}

  /** Lets `grantee` pull from the repository. Hostings that pull with their own identity do that themselves. */
  public grantPull(grantee: IGrantable): Grant {
    return permitPulling(grantee, this.repository);
  }
}

function checkRepositoryImage({ repository, digest, tag }: RepositoryImage): void {
  checkPattern(repository, 'digest', digest, {
    pattern: /^sha256:[0-9a-f]{64}$/,
    allowed: '"sha256:" and 64 hexadecimal digits',
  });
  checkPattern(repository, 'tag', digest === undefined ? (tag ?? '') : tag, {
    pattern: /^\w[\w.-]{0,127}$/,
    allowed: 'a tag of at most 128 letters, digits and "_.-", or a digest in its place',
  });
  if (digest !== undefined || Token.isUnresolved(tag)) return;
  Annotations.of(repository).addWarning(
    `tag: image "${repository.name}:${tag}" is not pinned by digest; pass digest so that every restart runs the same content`,
  );
}
