import type { GoType } from './goTypes';

const text: GoType = { name: 'string', json: 'string' };
const uid: GoType = { name: 'types.UID', json: 'string' };
const flag: GoType = { name: 'bool', json: 'bool' };
const integer: GoType = { name: 'int64', json: 'number' };
const time: GoType = { name: 'v1.Time', json: 'time' };
const textMap: GoType = {
  name: 'map[string]string',
  json: 'map',
  values: text,
};

/** `metadata`, as kube-apiserver reads that of a custom resource. */
export const objectMetaType: GoType = {
  name: 'v1.ObjectMeta',
  json: 'struct',
  struct: 'ObjectMeta',
  fields: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid,
    resourceVersion: text,
    generation: integer,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    labels: textMap,
    annotations: textMap,
    finalizers: { name: '[]string', json: 'array', items: text },
    ownerReferences: {
      name: '[]v1.OwnerReference',
      json: 'array',
      items: {
        name: 'v1.OwnerReference',
        json: 'struct',
        struct: 'OwnerReference',
        fields: {
          apiVersion: text,
          kind: text,
          name: text,
          uid,
          controller: flag,
          blockOwnerDeletion: flag,
        },
      },
    },
    managedFields: {
      name: '[]v1.ManagedFieldsEntry',
      json: 'array',
      items: {
        name: 'v1.ManagedFieldsEntry',
        json: 'struct',
        struct: 'ManagedFieldsEntry',
        fields: {
          manager: text,
          operation: { name: 'v1.ManagedFieldsOperationType', json: 'string' },
          apiVersion: text,
          time,
          fieldsType: text,
          fieldsV1: { name: 'v1.FieldsV1', json: 'any' },
          subresource: text,
        },
      },
    },
  },
};

/** Options of a deletion. */
export const deleteOptionsType: GoType = {
  name: 'v1.DeleteOptions',
  json: 'struct',
  struct: 'DeleteOptions',
  fields: {
    gracePeriodSeconds: integer,
    preconditions: {
      name: 'v1.Preconditions',
      json: 'struct',
      struct: 'Preconditions',
      fields: { uid, resourceVersion: text },
    },
    orphanDependents: flag,
    propagationPolicy: { name: 'v1.DeletionPropagation', json: 'string' },
    dryRun: { name: '[]string', json: 'array', items: text },
  },
};
