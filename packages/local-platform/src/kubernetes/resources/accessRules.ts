import { checkBinding, checkRules, withApiGroups } from './checkAccess';
import { list, object, text } from '../schema/shorthand';
import type { Schema } from '../schema/Schema';
import { withObjectFields } from '../schema/objectMetaSchema';
import {
  ageColumn,
  column,
  metadata,
  nameColumn,
  read,
} from '../tables/columns';
import { ALL_VERBS, type ResourceDefinition } from './ResourceDefinition';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

const texts = (description: string) => list(description, { type: 'string' });

/** Objects that have one owner. */
const whole = (...parts: Parameters<typeof object>): Schema => ({
  ...object(...parts),
  'x-kubernetes-map-type': 'atomic',
});

const ROLE = object('What may be done.', {
  rules: list(
    'Each gives rights; nothing takes them away.',
    object('Verbs on resources, or on paths of the API.', {
      verbs: texts('`*` for all.'),
      apiGroups: texts('Empty for the core group.'),
      resources: texts('Plural names; `pods/log` for a subresource.'),
      resourceNames: texts('Only objects of these names.'),
      nonResourceURLs: texts('Paths that are no resources.'),
    }),
  ),
});

const BINDING = object('Who has a role.', {
  roleRef: whole('The role.', {
    apiGroup: text('Group of the role.'),
    kind: text('Role or ClusterRole.'),
    name: text('Name of the role.'),
  }),
  subjects: list(
    'Who has it.',
    object('A user, a group or a service account.', {
      apiGroup: text('Group of the kind.'),
      kind: text('User, Group or ServiceAccount.'),
      name: text('Name of the subject.'),
      namespace: text('Of a service account.'),
    }),
  ),
});

const createdColumn = column(
  'Created At',
  'When it was made.',
  role => metadata(role).creationTimestamp ?? null,
);

const roleColumn = column('Role', 'Who has it.', binding => {
  const kind = read(binding, 'roleRef', 'kind');
  return `${String(kind)}/${String(read(binding, 'roleRef', 'name'))}`;
});

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
export const roles = define('Role', { namespaced: true, schema: ROLE });
export const clusterRoles = define('ClusterRole', {
  namespaced: false,
  schema: ROLE,
});
export const roleBindings = define('RoleBinding', {
  namespaced: true,
  schema: BINDING,
});
export const clusterRoleBindings = define('ClusterRoleBinding', {
  namespaced: false,
  schema: BINDING,
});

function define(
  kind: string,
  options: { namespaced: boolean; schema: Schema },
): ResourceDefinition {
  const singular = kind.toLowerCase();
  return {
    group: RBAC_GROUP,
    version: 'v1',
    kind,
    listKind: `${kind}List`,
    plural: `${singular}s`,
    singular,
    shortNames: [],
    categories: [],
    namespaced: options.namespaced,
    verbs: ALL_VERBS,
    schema: withObjectFields(options.schema),
    subresources: [],
    countsGenerations: false,
    columns: [
      nameColumn,
      ...(options.schema === BINDING
        ? [roleColumn, ageColumn]
        : [createdColumn]),
    ],
    nameRule: 'subdomain',
    custom: false,
    ...(options.schema === BINDING
      ? { prepare: withApiGroups, check: checkBinding }
      : {
          check: role => checkRules(role, { inNamespace: options.namespaced }),
        }),
  };
}
