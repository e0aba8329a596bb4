import type { ObjectMeta } from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * What every object of a Kubernetes API has.
 *
 * @public
 */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & { deletionGracePeriodSeconds?: number };
}

/**
 * One change of one object.
 *
 * @public
 */
export interface ObjectEvent<T extends KubernetesObject = KubernetesObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

/**
 * Which part of an object an update may change, and in whose name.
 *
 * @public
 */
export interface UpdateOptions {
  /** `status` changes nothing but the status; without it the status is kept. */
  subresource?: 'status';
  /** Name written to `metadata.managedFields`. */
  fieldManager?: string;
}

/**
 * The objects of the embedded Kubernetes API, for a controller in the same process.
 *
 * `resource` is the plural name, such as `wasmmodules` or `pods`; `namespace`
 * is the empty string for objects without one. Objects handed out are copies.
 * Failures are thrown as {@link KubernetesStatusError}, as the API would answer them.
 *
 * @public
 */
export interface ObjectStore {
  get<T extends KubernetesObject = KubernetesObject>(
    resource: string,
    namespace: string,
    name: string,
  ): T | undefined;

  /** Sorted by namespace and name. */
  list<T extends KubernetesObject = KubernetesObject>(
    resource: string,
    namespace?: string,
  ): T[];

  /** Refuses an object that exists (409) and a namespace that does not (404). */
  create<T extends KubernetesObject>(
    resource: string,
    object: T,
    options?: { fieldManager?: string },
  ): T;

  /** Refuses a stale `metadata.resourceVersion` (409); without one, the last writer wins. */
  update<T extends KubernetesObject>(
    resource: string,
    object: T,
    options?: UpdateOptions,
  ): T;

  /** An object with finalizers stays, marked by `metadata.deletionTimestamp`. */
  delete(resource: string, namespace: string, name: string): void;

  /** Tells what exists as `ADDED` at once, then every change; returns the function that ends it. */
  watch<T extends KubernetesObject = KubernetesObject>(
    resource: string,
    listener: (event: ObjectEvent<T>) => void,
  ): () => void;
}
