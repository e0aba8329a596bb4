import { applyConfiguration } from '../apply/applyConfiguration';
import { fieldsOf } from '../apply/fieldsOf';
import {
  isSameObject,
  ownable,
  readManagers,
  withFields,
  writeManagers,
  type Manager,
  type ManagerKey,
} from '../apply/managedFields';
import { trackUpdate } from '../apply/trackUpdate';
import type { KubernetesObject } from '../ObjectStore';
import type {
  ObjectKey,
  VersionedObjects,
} from '../persistence/VersionedObjects';
import {
  apiVersionOf,
  qualifiedName,
  resourceName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import {
  alreadyExists,
  conflict,
  notFound,
  tooLargeToKeep,
} from '../status/refusals';
import { admit } from './admit';
import { takenOver, withLastApplied } from './lastApplied';
import type { NamespaceLifecycle } from './NamespaceLifecycle';
import {
  requireFixed,
  requireNoNewFinalizers,
  requirePreconditions,
  requireSame,
  type Preconditions,
} from './preconditions';
import { countGeneration, stampNew, stampUpdate, timestamp } from './stamp';
import { applicable, writable } from './writableParts';

/** What etcd keeps of one object. */
const MAXIMUM_OBJECT_BYTES = 1.5 * 1024 * 1024;

/** In whose name a write is made, and whether it is kept. */
export interface WriteOptions {
  manager: ManagerKey;
  /** Does everything but keep the result. */
  dryRun: boolean;
}

export interface Written {
  object: KubernetesObject;
  created: boolean;
}

/** Creates, updates, applies and deletes as a Kubernetes API server does. */
export class ResourceObjects {
  constructor(
    readonly versioned: VersionedObjects,
    private readonly namespaces: NamespaceLifecycle,
    private readonly clock: () => Date,
  ) {}

  /** @throws KubernetesStatusError 404 */
  get(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
  ): KubernetesObject {
    const found = this.versioned.get(keyOf(definition, namespace, name));
    if (!found) {
      throw notFound(resourceName(definition), name);
    }
    return found;
  }

  create(
    definition: ResourceDefinition,
    sent: KubernetesObject,
    options: WriteOptions,
  ): Written {
    return this.insert(definition, sent, options, object =>
      trackUpdate({
        before: undefined,
        after: withoutUnowned(definition, object, sent),
        managers: [],
        key: options.manager,
        ...this.tracking(definition),
      }),
    );
  }

  update(
    definition: ResourceDefinition,
    sent: KubernetesObject,
    options: WriteOptions,
  ): Written {
    const { namespace = '', name } = sent.metadata;
    const current = this.get(definition, namespace, name);
    requireSame(definition, current, sent.metadata);
    const { managedFields } = sent.metadata;
    const managers = readManagers(
      managedFields?.length ? managedFields : current.metadata.managedFields,
    );
    return this.replace(definition, current, sent, options, object =>
      trackUpdate({
        before: current,
        after: object,
        managers,
        key: options.manager,
        ...this.tracking(definition),
      }),
    );
  }

  /** Server-side apply. */
  apply(
    definition: ResourceDefinition,
    sent: KubernetesObject,
    options: WriteOptions & { force: boolean },
  ): Written {
    const { namespace = '', name } = sent.metadata;
    const configuration = applicable(definition, sent, options.manager);
    const current = this.versioned.get(keyOf(definition, namespace, name));
    if (!current) {
      if (options.manager.subresource) {
        throw notFound(resourceName(definition), name);
      }
      if (sent.metadata.uid) {
        throw conflict(
          resourceName(definition),
          name,
          `uid mismatch: the provided object specified uid ${sent.metadata.uid}, and no existing object was found`,
        );
      }
      return this.insert(definition, configuration, options, () =>
        withFields(
          [],
          options.manager,
          fieldsOf(ownable(configuration), definition.schema),
          this.tracking(definition),
        ),
      );
    }
    const { uid: _uid, ...same } = sent.metadata;
    requireSame(definition, current, same);
    requireFixed(definition, current, sent.metadata);
    const applied = applyConfiguration({
      live: current,
      configuration,
      managers: readManagers(current.metadata.managedFields),
      key: options.manager,
      force: options.force,
      yielded: takenOver(current, options.manager.name, definition.schema),
      ...this.tracking(definition),
    });
    return this.replace(
      definition,
      current,
      withLastApplied(applied.object, configuration, options.manager.name),
      options,
      () => applied.managers,
    );
  }

  /** Answers the object as it was last, and whether finalizers keep it for now. */
  delete(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
    options: { preconditions?: Preconditions; dryRun: boolean },
  ): { object: KubernetesObject; pending: boolean } {
    const current = this.get(definition, namespace, name);
    requirePreconditions(definition, current, options.preconditions ?? {});
    const marked = this.namespaces.isNamespace(definition)
      ? this.namespaces.terminating(current, this.clock())
      : markDeleted(current, this.clock());
    const pending =
      this.namespaces.isNamespace(definition) ||
      (current.metadata.finalizers ?? []).length > 0;
    if (options.dryRun) {
      return { object: pending ? marked : current, pending };
    }
    const key = keyOf(definition, namespace, name);
    if (!pending) {
      const object = this.versioned.remove(key)!;
      this.namespaces.afterRemoval(namespace);
      return { object, pending };
    }
    const object = current.metadata.deletionTimestamp
      ? current
      : this.versioned.put(key, marked);
    if (this.namespaces.isNamespace(definition)) {
      this.empty(name);
    }
    return { object, pending };
  }

  /** Ends the removal of namespaces that an earlier process did not come to the end of. */
  resume(): void {
    this.namespaces.allTerminating().forEach(name => this.empty(name));
  }

  private empty(namespace: string): void {
    this.namespaces.empty(namespace, (definition, name) =>
      this.delete(definition, namespace, name, { dryRun: false }),
    );
  }

  private insert(
    definition: ResourceDefinition,
    sent: KubernetesObject,
    options: WriteOptions,
    managersOf: (object: KubernetesObject) => Manager[],
  ): Written {
    const { namespace = '' } = sent.metadata;
    this.namespaces.requireWritable(definition, namespace, sent.metadata.name);
    const stamped = stampNew(definition, sent, this.clock());
    const object = admit(definition, stamped);
    const key = keyOf(definition, namespace, object.metadata.name);
    if (this.versioned.get(key)) {
      throw alreadyExists(resourceName(definition), key.name);
    }
    const owned = withManagers(object, managersOf(object));
    requireSmall(owned);
    return {
      object: options.dryRun ? owned : this.versioned.put(key, owned),
      created: true,
    };
  }

  private replace(
    definition: ResourceDefinition,
    current: KubernetesObject,
    sent: KubernetesObject,
    options: WriteOptions,
    managersOf: (object: KubernetesObject) => Manager[],
  ): Written {
    const stamped = stampUpdate(
      definition,
      writable(definition, current, sent, options.manager.subresource),
      current,
    );
    const object = admit(definition, stamped, current);
    requireNoNewFinalizers(definition, object, current);
    const counted = countGeneration(object, current);
    const next = withManagers(counted, managersOf(counted));
    if (isSameObject(next, current)) {
      return { object: current, created: false };
    }
    const key = keyOf(
      definition,
      current.metadata.namespace ?? '',
      current.metadata.name,
    );
    const finished =
      current.metadata.deletionTimestamp &&
      !this.namespaces.isNamespace(definition) &&
      (next.metadata.finalizers ?? []).length === 0;
    if (options.dryRun) {
      return { object: next, created: false };
    }
    if (!finished) {
      requireSmall(next);
      const written = this.versioned.put(key, next);
      return { object: written, created: false };
    }
    // Nothing is written first: an object that is deleted and waits for nothing must not
    // outlive a process that is killed in between.
    const { resourceVersion } = this.versioned.remove(key)!.metadata;
    this.namespaces.afterRemoval(key.namespace);
    return {
      object: { ...next, metadata: { ...next.metadata, resourceVersion } },
      created: false,
    };
  }

  private tracking(definition: ResourceDefinition) {
    return {
      schema: definition.schema,
      apiVersion: apiVersionOf(definition),
      now: timestamp(this.clock()),
    };
  }
}

export function keyOf(
  definition: ResourceDefinition,
  namespace: string,
  name: string,
): ObjectKey {
  return {
    resource: qualifiedName(definition),
    namespace: definition.namespaced ? namespace : '',
    name,
  };
}

/** @throws KubernetesStatusError 500 */
function requireSmall(object: KubernetesObject): void {
  if (Buffer.byteLength(JSON.stringify(object)) > MAXIMUM_OBJECT_BYTES) {
    throw tooLargeToKeep();
  }
}

/** A new object without what the server alone added. */
function withoutUnowned(
  { unowned = [] }: ResourceDefinition,
  object: KubernetesObject,
  sent: KubernetesObject,
): KubernetesObject {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([name]) => !unowned.includes(name) || Object.hasOwn(sent, name),
    ),
  ) as unknown as KubernetesObject;
}

function withManagers(
  object: KubernetesObject,
  managers: Manager[],
): KubernetesObject {
  const { managedFields: _replaced, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(managers.length > 0 && { managedFields: writeManagers(managers) }),
    },
  };
}

function markDeleted(object: KubernetesObject, now: Date): KubernetesObject {
  const { generation } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: object.metadata.deletionTimestamp ?? timestamp(now),
      deletionGracePeriodSeconds: 0,
      ...(generation !== undefined && { generation: generation + 1 }),
    },
  };
}
