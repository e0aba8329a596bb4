import type { Field, Message } from './Message';

const text = (name: string): Field => ({ name, type: 'text' });
const texts = (name: string): Field => ({ name, type: 'text', list: true });
const integer = (name: string): Field => ({ name, type: 'integer' });
const flag = (name: string): Field => ({ name, type: 'flag' });
const instant = (name: string): Field => ({ name, type: 'instant' });
const message = (name: string, of: Message): Field => ({
  name,
  type: 'message',
  message: of,
});
const messages = (name: string, of: Message): Field => ({
  ...message(name, of),
  list: true,
});

const objectMeta: Message = {
  1: text('name'),
  2: text('generateName'),
  3: text('namespace'),
  5: text('uid'),
  6: text('resourceVersion'),
  7: integer('generation'),
  8: instant('creationTimestamp'),
  9: instant('deletionTimestamp'),
  11: { name: 'labels', type: 'textMap' },
  12: { name: 'annotations', type: 'textMap' },
  13: messages('ownerReferences', {
    1: text('kind'),
    3: text('name'),
    4: text('uid'),
    5: text('apiVersion'),
    6: flag('controller'),
    7: flag('blockOwnerDeletion'),
  }),
  14: texts('finalizers'),
};

const objectReference: Message = {
  1: text('kind'),
  2: text('namespace'),
  3: text('name'),
  4: text('uid'),
  5: text('apiVersion'),
  6: text('resourceVersion'),
  7: text('fieldPath'),
};

const metadata = message('metadata', objectMeta);

const rules = messages('rules', {
  1: texts('verbs'),
  2: texts('apiGroups'),
  3: texts('resources'),
  4: texts('resourceNames'),
  5: texts('nonResourceURLs'),
});

const binding: Message = {
  1: metadata,
  2: messages('subjects', {
    1: text('kind'),
    2: text('apiGroup'),
    3: text('name'),
    4: text('namespace'),
  }),
  3: message('roleRef', {
    1: text('apiGroup'),
    2: text('kind'),
    3: text('name'),
  }),
};

/**
 * The kinds that clients written in Go send as protobuf, by API version and kind.
 *
 * Numbers: the `generated.proto` files of https://github.com/kubernetes/api
 */
export const messagesByKind: Record<string, Message> = {
  'v1/Namespace': {
    1: metadata,
    2: message('spec', { 1: texts('finalizers') }),
    3: message('status', { 1: text('phase') }),
  },
  'v1/Secret': {
    1: metadata,
    2: { name: 'data', type: 'bytesMap' },
    3: text('type'),
    4: { name: 'stringData', type: 'textMap' },
    5: flag('immutable'),
  },
  'v1/ConfigMap': {
    1: metadata,
    2: { name: 'data', type: 'textMap' },
    3: { name: 'binaryData', type: 'bytesMap' },
    4: flag('immutable'),
  },
  'v1/ServiceAccount': {
    1: metadata,
    2: messages('secrets', objectReference),
    3: messages('imagePullSecrets', { 1: text('name') }),
    4: flag('automountServiceAccountToken'),
  },
  'v1/Event': {
    1: metadata,
    2: message('involvedObject', objectReference),
    3: text('reason'),
    4: text('message'),
    5: message('source', { 1: text('component'), 2: text('host') }),
    6: instant('firstTimestamp'),
    7: instant('lastTimestamp'),
    8: integer('count'),
    9: text('type'),
    10: instant('eventTime'),
    11: message('series', {
      1: integer('count'),
      2: instant('lastObservedTime'),
    }),
    12: text('action'),
    13: message('related', objectReference),
    14: text('reportingComponent'),
    15: text('reportingInstance'),
  },
  'v1/DeleteOptions': {
    1: integer('gracePeriodSeconds'),
    2: message('preconditions', { 1: text('uid'), 2: text('resourceVersion') }),
    4: text('propagationPolicy'),
    5: texts('dryRun'),
  },
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    1: metadata,
    2: message('spec', {
      1: message('resourceAttributes', {
        1: text('namespace'),
        2: text('verb'),
        3: text('group'),
        4: text('version'),
        5: text('resource'),
        6: text('subresource'),
        7: text('name'),
      }),
      2: message('nonResourceAttributes', { 1: text('path'), 2: text('verb') }),
    }),
  },
  'authorization.k8s.io/v1/SelfSubjectRulesReview': {
    1: metadata,
    2: message('spec', { 1: text('namespace') }),
  },
  'authentication.k8s.io/v1/SelfSubjectReview': { 1: metadata },
  'authentication.k8s.io/v1/TokenRequest': {
    1: metadata,
    2: message('spec', {
      1: texts('audiences'),
      3: message('boundObjectRef', objectReference),
      4: integer('expirationSeconds'),
    }),
  },
  'rbac.authorization.k8s.io/v1/Role': { 1: metadata, 2: rules },
  'rbac.authorization.k8s.io/v1/ClusterRole': { 1: metadata, 2: rules },
  'rbac.authorization.k8s.io/v1/RoleBinding': binding,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': binding,
};
