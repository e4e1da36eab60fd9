/** One value in a Kubernetes Secret that exists in the workload's namespace: a reference, never the value. */
export interface KubernetesSecretKey {
  /** Name of the Secret. */
  readonly name: string;
  /** Key of the value inside it. */
  readonly key: string;
}

/**
 * Puts a secret's value into a file of a workload. Only the reference is rendered.
 * @returns absolute path of the file
 */
export type MountSecret = (secret: KubernetesSecretKey) => string;
