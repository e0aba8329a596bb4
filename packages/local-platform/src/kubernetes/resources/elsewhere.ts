import { open } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import { ageColumn, nameColumn } from '../tables/columns';
import type { ResourceDefinition } from './ResourceDefinition';

/**
 * Kinds that clients look for and that one machine has none of: they can be
 * read, so that `kubectl describe namespace` finds no quota instead of no answer.
 */
export const elsewhere: ResourceDefinition[] = [
  define('LimitRange', ['limits']),
  define('Node', ['no'], { namespaced: false }),
  define('ResourceQuota', ['quota']),
  define('Service', ['svc'], { categories: ['all'] }),
];

function define(
  kind: string,
  shortNames: string[],
  options: { namespaced?: boolean; categories?: string[] } = {},
): ResourceDefinition {
  const singular = kind.toLowerCase();
  return {
    group: '',
    version: 'v1',
    kind,
    listKind: `${kind}List`,
    plural: `${singular}s`,
    singular,
    shortNames,
    categories: options.categories ?? [],
    namespaced: options.namespaced ?? true,
    verbs: ['get', 'list', 'watch'],
    schema: withObjectFields(open('There is none here.')),
    subresources: [],
    countsGenerations: false,
    columns: [nameColumn, ageColumn],
    nameRule: 'subdomain',
    custom: false,
  };
}
