import { list, object, text } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import { isObject } from '../schema/Schema';
import {
  ageColumn,
  column,
  metadata,
  nameColumn,
  read,
} from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';

/** Label that selects a namespace by its name. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

export const namespaces: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  listKind: 'NamespaceList',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  verbs: ALL_VERBS.filter(verb => verb !== 'deletecollection'),
  schema: withObjectFields(
    object('A scope for names, and for who may do what.', {
      spec: object('What is wanted of the namespace.', {
        finalizers: list('What must be done before it is removed.', {
          type: 'string',
        }),
      }),
      status: object('Where the namespace is in its life.', {
        phase: text('Active or Terminating.'),
      }),
    }),
  ),
  subresources: ['status'],
  countsGenerations: false,
  columns: [
    nameColumn,
    column(
      'Status',
      'Active or Terminating.',
      namespace => read(namespace, 'status', 'phase') ?? '',
    ),
    ageColumn,
  ],
  nameRule: 'label',
  custom: false,
  unowned: ['spec', 'status'],
  prepare: namespace => {
    const meta = metadata(namespace);
    const labels = isObject(meta.labels) ? meta.labels : {};
    return {
      ...namespace,
      metadata: {
        ...meta,
        ...(meta.name && {
          labels: { ...labels, [NAME_LABEL]: meta.name },
        }),
      },
      spec: { finalizers: ['kubernetes'] },
      status: namespace.status ?? { phase: 'Active' },
    };
  },
};
