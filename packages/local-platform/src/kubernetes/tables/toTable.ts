import type { KubernetesObject } from '../ObjectStore';
import type { ResourceDefinition } from '../resources/ResourceDefinition';
import type { JsonObject } from '../schema/Schema';

/** What each row carries besides its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** A `Table` of objects, as `kubectl get` prints it. */
export function toTable(
  definition: ResourceDefinition,
  objects: KubernetesObject[],
  options: {
    metadata: object;
    now: Date;
    includeObject: IncludeObject;
    /** A watch names the columns once. */
    withColumns: boolean;
  },
) {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.withColumns
      ? definition.columns.map(column => ({
          name: column.name,
          type: column.type === 'date' ? 'date' : column.type,
          format: column.format ?? '',
          description: column.description,
          priority: column.priority,
        }))
      : null,
    rows: objects.map(object => ({
      cells: definition.columns.map(column =>
        column.cell(object as unknown as JsonObject, options.now),
      ),
      object: rowObject(object, options.includeObject),
    })),
  };
}

/** An object reduced to its metadata. */
export function partialMetadata(object: KubernetesObject) {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}

function rowObject(object: KubernetesObject, include: IncludeObject) {
  switch (include) {
    case 'None':
      return null;
    case 'Object':
      return object;
    default:
      return partialMetadata(object);
  }
}
