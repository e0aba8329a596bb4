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
  read();
  versioned.subscribe(({ key, object }) => {
    if (key.resource !== resource) {
      return;
    }
    if (!object) {
      // The objects of a kind go with it; nobody could reach them any more.
      for (const { metadata } of versioned.list(key.name)) {
        versioned.remove({
          resource: key.name,
          namespace: metadata.namespace ?? '',
          name: metadata.name,
        });
      }
    }
    read();
  });
}
