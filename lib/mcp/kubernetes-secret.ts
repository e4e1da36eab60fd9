/** One value in a Kubernetes Secret that exists in the workload's namespace: a reference, never the value. */
export interface KubernetesSecretKey {
  /** Name of the Secret. */
  readonly name: string;
  /** Key of the value inside it. */
  readonly key: string;
}
