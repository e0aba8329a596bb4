import { flag, list, object, text } from '../schema/shorthand';
import { withObjectFields } from '../schema/objectMetaSchema';
import { ageColumn, column, nameColumn, read } from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';

export const serviceAccounts: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  listKind: 'ServiceAccountList',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  categories: [],
  namespaced: true,
  verbs: ALL_VERBS,
  schema: withObjectFields(
    object('An identity for processes.', {
      automountServiceAccountToken: flag('Whether pods get its token.'),
      imagePullSecrets: list(
        'Secrets to pull images with.',
        object('Names a secret.', { name: text('Name of the secret.') }),
      ),
      secrets: list(
        'Secrets that pods of this account may use.',
        object('Names a secret.', { name: text('Name of the secret.') }),
      ),
    }),
  ),
  subresources: [],
  countsGenerations: false,
  columns: [
    nameColumn,
    column('Secrets', 'How many secrets it names.', account => {
      const named = read(account, 'secrets');
      return String(Array.isArray(named) ? named.length : 0);
    }),
    ageColumn,
  ],
  nameRule: 'subdomain',
  custom: false,
};
