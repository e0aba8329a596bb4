/**
 * A resource of the Kubernetes API, and what of a row is kept.
 *
 * @internal
 */
export interface KubernetesResource<T> {
  /** As sentences name it, e.g. `WasmModules`. */
  label: string;
  /** Of all namespaces where none is given. */
  path(namespace?: string): string;
  /** What is kept of a row; nothing of one that is not ours. */
  read(row: unknown): T | undefined;
}
