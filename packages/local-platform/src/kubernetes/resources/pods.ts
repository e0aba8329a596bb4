import { open } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import { isObject, type JsonObject } from '../schema/Schema';
import { ageColumn, column, nameColumn, read } from '../tables/columns';
import type { ResourceDefinition } from './ResourceDefinition';

/** Only the runner writes pods, through the object store. */
export const pods: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  listKind: 'PodList',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  schema: withObjectFields({
    description: 'One running module.',
    type: 'object',
    properties: {
      spec: open('What is to run.'),
      status: open('What runs.'),
    },
  }),
  subresources: ['log', 'status'],
  countsGenerations: false,
  columns: [
    nameColumn,
    column('Ready', 'Ready containers of all.', pod => {
      const states = containerStates(pod);
      const wanted = read(pod, 'spec', 'containers');
      const total = Array.isArray(wanted) ? wanted.length : states.length;
      return `${states.filter(state => state.ready === true).length}/${total}`;
    }),
    column('Status', 'Where the pod is in its life.', status),
    column(
      'Restarts',
      'How often its containers were started again.',
      pod =>
        containerStates(pod).reduce(
          (sum, state) => sum + Number(state.restartCount ?? 0),
          0,
        ),
      { type: 'integer' },
    ),
    ageColumn,
    column(
      'IP',
      'Address of the pod.',
      pod => read(pod, 'status', 'podIP') ?? '<none>',
      { wide: true },
    ),
    column(
      'Node',
      'Node that the pod runs on.',
      pod => read(pod, 'spec', 'nodeName') ?? '<none>',
      { wide: true },
    ),
  ],
  nameRule: 'subdomain',
  custom: false,
};

function containerStates(pod: JsonObject): JsonObject[] {
  const states = read(pod, 'status', 'containerStatuses');
  return Array.isArray(states) ? states.filter(isObject) : [];
}

function status(pod: JsonObject) {
  if (read(pod, 'metadata', 'deletionTimestamp')) {
    return 'Terminating';
  }
  const [reason] = containerStates(pod).flatMap(
    state =>
      read(state, 'state', 'waiting', 'reason') ??
      read(state, 'state', 'terminated', 'reason') ??
      [],
  );
  return (
    reason ??
    read(pod, 'status', 'reason') ??
    read(pod, 'status', 'phase') ??
    'Unknown'
  );
}
