import type {
  ContainerInstancesContainerInstanceContainers as Container,
  ContainerInstancesContainerInstanceVolumes as Volume,
} from '@cdktf/provider-oci/lib/container-instances-container-instance';
import type { IContainerImage } from '../../mcp/container-image';
import type { McpWorkload } from '../../mcp/mcp-workload';

/** A container beside the workload's, in the same instance: it has the same address and the same resource principal. */
export interface ContainerInstanceSidecar {
  /** Name inside the instance: at most 63 lower case letters, digits and hyphens. */
  readonly name: string;
  /** Its image, by digest for preference. */
  readonly image: string | IContainerImage;
  /** Replaces the image's entry point. @default - the image's own */
  readonly command?: readonly string[];
  /** Arguments of the entry point. @default - the image's own */
  readonly args?: readonly string[];
  /** Environment variables. They land in Terraform's state. @default - none of its own */
  readonly environment?: { readonly [name: string]: string };
  /** TCP port it serves inside the instance, one that no other container of it serves. @default - none */
  readonly port?: number;
  /** Path that answers 200 to `GET` on `port` while it is healthy. @default - the port only has to accept connections */
  readonly healthPath?: string;
  /** Most virtual CPUs it may use, two to an OCPU on x86. @default - all of the instance */
  readonly vcpus?: number;
  /** Most memory it may use, in GiB. @default - all of the instance */
  readonly memoryGib?: number;
}

/** A folder which every container of the instance sees at the same path. */
export type ContainerInstanceVolume = {
  /** Absolute path. */
  readonly path: string;
} & (
  | {
      /** An empty folder that all of them may write into, gone with the instance: on its disk, or in its memory. */
      readonly empty: 'EPHEMERAL_STORAGE' | 'MEMORY';
    }
  | {
      /** Files to read, name to text. They land in Terraform's state: nothing in them may be secret. */
      readonly files: { readonly [fileName: string]: string };
    }
);

export interface ContainerGroupProps {
  readonly workload: McpWorkload;
  /** Name of the workload's container. */
  readonly displayName: string;
  readonly sidecars: readonly ContainerInstanceSidecar[];
  readonly volumes: readonly ContainerInstanceVolume[];
}

/** The containers of one instance, the workload's first, and the volumes they mount. */
export interface ContainerGroup {
  readonly containers: Container[];
  readonly volumes: Volume[];
}
