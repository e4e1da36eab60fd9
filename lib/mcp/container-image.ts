/** A repository in OCI's container registry. */
export interface ImageRepository {
  /** OCID of the compartment that holds the repository. */
  readonly compartmentId: string;
  /** Name of the repository inside the registry's namespace: `mcp/planner`. */
  readonly name: string;
}

/** A container image, wherever it comes from. */
export interface IContainerImage {
  /** Name of the image, by digest for preference: `fra.ocir.io/acme/logs-mcp@sha256:…`. May be a reference. */
  readonly imageUri: string;
  /** The same image by its tag, for hosts that take no digest: `fra.ocir.io/acme/logs-mcp:4f1c…`. @default - `imageUri` */
  readonly taggedUri?: string;
  /** The private repository it is pulled from. @default - public, or permitted outside this stack */
  readonly repository?: ImageRepository;
}
