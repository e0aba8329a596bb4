import type { KubernetesObject } from '../ObjectStore';
import type { VersionedObjects } from '../persistence/VersionedObjects';
import { namespaces } from '../resources/namespaces';
import {
  qualifiedName,
  resourceName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import type { ResourceRegistry } from '../resources/ResourceRegistry';
import { forbidden, notFound } from '../status/refusals';
import { timestamp } from './stamp';

/** Namespaces that the API needs itself. */
const PERMANENT = ['default', 'kube-system'];

/** Objects need a namespace that lives; a deleted one goes once it is empty. */
export class NamespaceLifecycle {
  constructor(
    private readonly versioned: VersionedObjects,
    private readonly registry: ResourceRegistry,
  ) {}

  isNamespace(definition: ResourceDefinition): boolean {
    return definition === namespaces;
  }

  /** @throws KubernetesStatusError 404 for a namespace that is not there, 403 for one that is going. */
  requireWritable(
    definition: ResourceDefinition,
    namespace: string,
    name: string,
  ): void {
    if (!definition.namespaced) {
      return;
    }
    const found = this.find(namespace);
    if (!found) {
      throw notFound(resourceName(namespaces), namespace);
    }
    if (found.metadata.deletionTimestamp) {
      throw forbidden(
        resourceName(definition),
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
      );
    }
  }

  /** @throws KubernetesStatusError 403 for a namespace that must stay. */
  terminating(namespace: KubernetesObject, now: Date): KubernetesObject {
    const { name } = namespace.metadata;
    if (PERMANENT.includes(name)) {
      throw forbidden(
        resourceName(namespaces),
        name,
        'this namespace may not be deleted',
      );
    }
    return {
      ...namespace,
      metadata: {
        ...namespace.metadata,
        deletionTimestamp:
          namespace.metadata.deletionTimestamp ?? timestamp(now),
      },
      status: { phase: 'Terminating' },
    } as KubernetesObject;
  }

  /** Names of the namespaces that are going. */
  allTerminating(): string[] {
    return this.versioned
      .list(namespaces.plural)
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(({ metadata }) => metadata.name);
  }

  /** Deletes what is in a namespace, then the namespace once nothing is left. */
  empty(
    namespace: string,
    remove: (definition: ResourceDefinition, name: string) => void,
  ): void {
    for (const definition of this.registry.all) {
      if (definition.namespaced) {
        for (const object of this.contents(definition, namespace)) {
          if (!object.metadata.deletionTimestamp) {
            remove(definition, object.metadata.name);
          }
        }
      }
    }
    this.afterRemoval(namespace);
  }

  afterRemoval(namespace: string): void {
    const isEmpty = () =>
      this.registry.all.every(
        definition =>
          !definition.namespaced ||
          this.contents(definition, namespace).length === 0,
      );
    if (this.find(namespace)?.metadata.deletionTimestamp && isEmpty()) {
      this.versioned.remove(keyOfNamespace(namespace));
    }
  }

  private contents(definition: ResourceDefinition, namespace: string) {
    return this.versioned.list(qualifiedName(definition), namespace);
  }

  private find(name: string): KubernetesObject | undefined {
    return this.versioned.get(keyOfNamespace(name));
  }
}

function keyOfNamespace(name: string) {
  return { resource: namespaces.plural, namespace: '', name };
}
