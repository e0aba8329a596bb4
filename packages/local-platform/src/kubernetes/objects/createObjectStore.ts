import type {
  KubernetesObject,
  ObjectEvent,
  ObjectStore,
} from '../ObjectStore';
import type { Change } from '../persistence/VersionedObjects';
import {
  qualifiedName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import type { ResourceRegistry } from '../resources/ResourceRegistry';
import { pathNotFound } from '../status/refusals';
import { keyOf, type ResourceObjects } from './ResourceObjects';

const DEFAULT_MANAGER = 'wasi-local-platform';

/** The objects of the API for a controller in the same process. */
export function createObjectStore(
  objects: ResourceObjects,
  registry: ResourceRegistry,
): ObjectStore {
  const find = (resource: string): ResourceDefinition => {
    const definition = registry.findByPlural(resource);
    if (!definition) {
      throw pathNotFound();
    }
    return definition;
  };
  const writeOptions = (options?: {
    fieldManager?: string;
    subresource?: 'status';
  }) => ({
    manager: {
      name: options?.fieldManager ?? DEFAULT_MANAGER,
      operation: 'Update' as const,
      ...(options?.subresource && { subresource: options.subresource }),
    },
    dryRun: false,
  });
  const copy = <T extends KubernetesObject>(object: KubernetesObject) =>
    structuredClone(object) as T;

  return {
    get: <T extends KubernetesObject>(
      resource: string,
      namespace: string,
      name: string,
    ) => {
      const definition = registry.findByPlural(resource);
      const found =
        definition && objects.versioned.get(keyOf(definition, namespace, name));
      return found && copy<T>(found);
    },
    list: <T extends KubernetesObject>(
      resource: string,
      namespace?: string,
    ) => {
      const definition = registry.findByPlural(resource);
      return definition
        ? objects.versioned
            .list(qualifiedName(definition), namespace)
            .map(object => copy<T>(object))
        : [];
    },
    create: <T extends KubernetesObject>(
      resource: string,
      object: T,
      options?: { fieldManager?: string },
    ) =>
      copy<T>(
        objects.create(find(resource), copy(object), writeOptions(options))
          .object,
      ),
    update: <T extends KubernetesObject>(
      resource: string,
      object: T,
      options?: { fieldManager?: string; subresource?: 'status' },
    ) =>
      copy<T>(
        objects.update(find(resource), copy(object), writeOptions(options))
          .object,
      ),
    delete: (resource, namespace, name) => {
      objects.delete(find(resource), namespace, name, { dryRun: false });
    },
    watch: <T extends KubernetesObject>(
      resource: string,
      listener: (event: ObjectEvent<T>) => void,
    ) => {
      const definition = registry.findByPlural(resource);
      const qualified = definition ? qualifiedName(definition) : resource;
      // What the listener writes while it is told of the existing objects comes after them.
      const waiting: Change[] = [];
      const hear = (change: Change) => listener(toEvent<T>(change));
      let deliver = (change: Change) => {
        waiting.push(change);
      };
      const existing = objects.versioned.list(qualified);
      const end = objects.versioned.subscribe(change => {
        if (change.key.resource === qualified) {
          deliver(change);
        }
      });
      for (const object of existing) {
        listener({ type: 'ADDED', object: copy<T>(object) });
      }
      for (let change = waiting.shift(); change; change = waiting.shift()) {
        hear(change);
      }
      deliver = hear;
      return end;
    },
  };
}

function toEvent<T extends KubernetesObject>(change: Change): ObjectEvent<T> {
  const { object, previous, version } = change;
  if (!object) {
    const last = previous!;
    return {
      type: 'DELETED',
      object: structuredClone({
        ...last,
        metadata: { ...last.metadata, resourceVersion: String(version) },
      }) as T,
    };
  }
  return {
    type: previous ? 'MODIFIED' : 'ADDED',
    object: structuredClone(object) as T,
  };
}
