import type { Schema } from './Schema';
import {
  flag,
  instant,
  integer,
  list,
  listByKey,
  object,
  open,
  text,
  textMap,
} from './shorthand';

/** Schema of `metadata`, the same for every kind. */
export const objectMetaSchema: Schema = object(
  'Name, labels and bookkeeping of the object.',
  {
    name: text('Name, unique for the kind in the namespace; never changes.'),
    generateName: text(
      'Prefix of a name that the server completes, where no name is given.',
    ),
    namespace: text('Namespace of the object; never changes.'),
    selfLink: text('Not filled in any more.'),
    uid: text('Identity of this object in time; set by the server.'),
    resourceVersion: text(
      'Version of the object, to be sent back with an update; opaque.',
    ),
    generation: integer('Counts the changes of the desired state.'),
    creationTimestamp: {
      ...instant('When the object was created; set by the server.'),
      nullable: true,
    },
    deletionTimestamp: {
      ...instant('When deletion was asked for; set by the server.'),
      nullable: true,
    },
    deletionGracePeriodSeconds: integer(
      'Seconds that the object may take to stop.',
    ),
    labels: textMap('Keys and values to select objects by.'),
    annotations: textMap('Keys and values for tools; not selectable.'),
    finalizers: {
      ...list('What must be done before the object is removed.', {
        type: 'string',
      }),
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    ownerReferences: listByKey('Objects that this one depends on.', ['uid'], {
      ...object(
        'One owner, in the same namespace.',
        {
          apiVersion: text('API version of the owner.'),
          kind: text('Kind of the owner.'),
          name: text('Name of the owner.'),
          uid: text('Identity of the owner.'),
          controller: flag('Whether the owner manages this object.'),
          blockOwnerDeletion: flag(
            'Whether the owner stays until this object is gone.',
          ),
        },
        ['apiVersion', 'kind', 'name', 'uid'],
      ),
      'x-kubernetes-map-type': 'atomic',
    }),
    managedFields: list(
      'Who set which fields; kept by the server.',
      object('Fields of one manager.', {
        manager: text('Name of the manager.'),
        operation: text('Apply or Update.'),
        apiVersion: text('API version that the fields are named in.'),
        time: instant('When the manager last changed its fields.'),
        fieldsType: text('FieldsV1.'),
        fieldsV1: open('Set of fields.'),
        subresource: text('Subresource that was written, if any.'),
      }),
    ),
  },
);

/** A kind's schema with the fields that every object has. */
export function withObjectFields(schema: Schema): Schema {
  return {
    ...schema,
    type: 'object',
    properties: {
      ...schema.properties,
      apiVersion: schema.properties?.apiVersion ?? text('Group and version.'),
      kind: schema.properties?.kind ?? text('Kind of the object.'),
      metadata: objectMetaSchema,
    },
  };
}
