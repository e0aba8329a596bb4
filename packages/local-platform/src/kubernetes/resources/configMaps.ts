import { bytesMap, flag, object, textMap } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import { ageColumn, column, nameColumn, read } from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';
import { checkData, checkImmutable } from './dataRules';

export const configMaps: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  listKind: 'ConfigMapList',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: withObjectFields(
    object('Configuration of at most 1 MiB.', {
      data: textMap('Texts by key.'),
      binaryData: bytesMap('Bytes by key, base64.'),
      immutable: flag('Refuses any later change of the data.'),
    }),
  ),
  subresources: [],
  countsGenerations: false,
  columns: [
    nameColumn,
    column('Data', 'How many keys there are.', map =>
      String(
        Object.keys(read(map, 'data') ?? {}).length +
          Object.keys(read(map, 'binaryData') ?? {}).length,
      ),
    ),
    ageColumn,
  ],
  nameRule: 'subdomain',
  custom: false,
  check: (map, previous) => [
    ...checkData(map, ['data', 'binaryData']),
    ...(previous ? checkImmutable(map, previous, ['data', 'binaryData']) : []),
  ],
};
