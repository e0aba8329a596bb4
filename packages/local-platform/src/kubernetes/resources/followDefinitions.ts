import type { VersionedObjects } from '../persistence/VersionedObjects';
import { customResourceDefinitions } from './customResourceDefinitions';
import { qualifiedName } from './ResourceDefinition';
import type { ResourceRegistry } from './ResourceRegistry';

/** Serves what the stored CustomResourceDefinitions say, now and after every change of them. */
export function followDefinitions(
  versioned: VersionedObjects,
  registry: ResourceRegistry,
): void {
  const resource = qualifiedName(customResourceDefinitions);
  const read = () =>
    registry.setCustomResourceDefinitions(versioned.list(resource));
  // The objects of a kind go with it; nobody could reach them any more.
  const removeObjects = (kind: string) => {
    for (const { metadata } of versioned.list(kind)) {
      versioned.remove({
        resource: kind,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
      });
    }
  };
  read();
  // Left by a process that was killed while it removed them.
  const known = [
    ...registry.all.map(qualifiedName),
    ...versioned.list(resource).map(({ metadata }) => metadata.name),
  ];
  versioned
    .resources()
    .filter(name => !known.includes(name))
    .forEach(removeObjects);
  versioned.subscribe(({ key, object }) => {
    if (key.resource !== resource) {
      return;
    }
    if (!object) {
      removeObjects(key.name);
    }
    read();
  });
}
