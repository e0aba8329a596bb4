import { open } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import type { JsonObject } from '../schema/Schema';
import { column, metadata, nameColumn } from '../tables/columns';
import { checkDefinition, withDefinitionDefaults } from './customDefinition';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';

export const customResourceDefinitions: ResourceDefinition = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  listKind: 'CustomResourceDefinitionList',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  verbs: ALL_VERBS,
  schema: withObjectFields({
    description: 'A kind that the API serves besides its own.',
    type: 'object',
    required: ['spec'],
    properties: {
      spec: open('Group, names, scope and versions of the kind.'),
      status: open('Whether the kind is served.'),
    },
  }),
  subresources: ['status'],
  countsGenerations: true,
  columns: [
    nameColumn,
    column(
      'Created At',
      'When the kind was added.',
      crd => metadata(crd).creationTimestamp ?? null,
      { type: 'date' },
    ),
  ],
  nameRule: 'subdomain',
  custom: false,
  prepare: withDefinitionDefaults,
  check: (definition: JsonObject) => checkDefinition(definition),
};
