import { APPLY, MERGE } from './Scene';
import type { Request } from './Request';

const CORE = '/api/v1/namespaces/NAMESPACE';
const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE';
const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const STRATEGIC = 'application/strategic-merge-patch+json';

const get = (path: string): Request => ({ method: 'GET', path });
const post = (path: string, body: unknown): Request => ({
  method: 'POST',
  path,
  body,
});
const put = (path: string, body: unknown): Request => ({
  method: 'PUT',
  path,
  body,
});
const patch = (path: string, contentType: string, body: unknown): Request => ({
  method: 'PATCH',
  path,
  contentType,
  body,
});
const destroy = (path: string): Request => ({ method: 'DELETE', path });
const as = (user: string, request: Request): Request => ({
  ...request,
  headers: { 'Impersonate-User': user },
});
const named = (name: string, more: object = {}) => ({
  metadata: { name },
  ...more,
});
const applied = (data: object) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  ...named('m', { data }),
});
const binding = (more: object) =>
  named('b', {
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'Role',
      name: 'r',
    },
    ...more,
  });

/** What a client may ask of the kinds beside modules, one after the other. */
export const builtInRequests: Record<string, Request> = {
  'a config map that is created': post(
    `${CORE}/configmaps`,
    named('m', { data: { a: 'b' } }),
  ),
  'a config map that is there': post(`${CORE}/configmaps`, named('m')),
  'a config map': get(`${CORE}/configmaps/m`),
  'config maps': get(`${CORE}/configmaps`),
  'a strategic patch': patch(`${CORE}/configmaps/m`, STRATEGIC, {
    data: { c: 'd' },
  }),
  'a strategic patch that is a list': patch(
    `${CORE}/configmaps/m`,
    STRATEGIC,
    [],
  ),
  'a merge that takes a key away': patch(`${CORE}/configmaps/m`, MERGE, {
    data: { a: null },
  }),
  'an apply over the one who patched': patch(
    `${CORE}/configmaps/m?fieldManager=x`,
    APPLY,
    applied({ c: 'e' }),
  ),
  'an apply by force': patch(
    `${CORE}/configmaps/m?fieldManager=x&force=true`,
    APPLY,
    applied({ c: 'e' }),
  ),
  'an update of a config map without a version': put(
    `${CORE}/configmaps/m`,
    named('m', { data: { q: 'r' } }),
  ),
  'an update under another name': put(`${CORE}/configmaps/m`, named('n')),
  'an update of another uid': put(`${CORE}/configmaps/m`, {
    metadata: { name: 'm', uid: 'x' },
  }),
  'an update of a config map that is not there': put(
    `${CORE}/configmaps/gone`,
    named('gone'),
  ),
  'a config map with a wrong key': post(
    `${CORE}/configmaps`,
    named('n', { data: { 'a b': 'c' } }),
  ),
  'a config map with an unknown field': post(
    `${CORE}/configmaps?dryRun=All`,
    named('n', { foo: 1 }),
  ),
  'a status that config maps have not': get(`${CORE}/configmaps/m/status`),
  'a POST to a config map': post(`${CORE}/configmaps/m`, {}),
  'a config map of a namespace that is not there': post(
    '/api/v1/namespaces/nowhere/configmaps',
    named('m'),
  ),
  'an immutable config map': post(
    `${CORE}/configmaps`,
    named('i', { immutable: true, data: { a: 'b' } }),
  ),
  'a change of it': patch(`${CORE}/configmaps/i`, MERGE, { data: { a: 'c' } }),
  'a deletion of a config map': destroy(`${CORE}/configmaps/m`),
  'a deletion of it again': destroy(`${CORE}/configmaps/m`),
  'a secret': post(`${CORE}/secrets`, named('s', { stringData: { a: 'b' } })),
  'another type of it': patch(`${CORE}/secrets/s`, MERGE, { type: 'x' }),
  'secrets of a type': get(`${CORE}/secrets?fieldSelector=type%3DOpaque`),
  'a secret for a registry without its key': post(
    `${CORE}/secrets`,
    named('d', { type: 'kubernetes.io/dockerconfigjson', data: {} }),
  ),
  'a secret for a registry that is no JSON': post(
    `${CORE}/secrets`,
    named('d', {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'eA==' },
    }),
  ),
  'a secret for TLS without its keys': post(
    `${CORE}/secrets`,
    named('d', { type: 'kubernetes.io/tls', data: {} }),
  ),
  'a secret with a password without one': post(
    `${CORE}/secrets`,
    named('d', { type: 'kubernetes.io/basic-auth', data: {} }),
  ),
  'a service account': post(`${CORE}/serviceaccounts`, named('a')),
  'a token for a second': post(`${CORE}/serviceaccounts/a/token`, {
    spec: { expirationSeconds: 1 },
  }),
  'a token for ever': post(`${CORE}/serviceaccounts/a/token`, {
    spec: { expirationSeconds: 2 ** 40 },
  }),
  'a token of nobody': post(`${CORE}/serviceaccounts/gone/token`, {}),
  'a token request that is no JSON': post(
    `${CORE}/serviceaccounts/a/token`,
    '{',
  ),
  'a token that is read': get(`${CORE}/serviceaccounts/a/token`),
  'an event': post(
    `${CORE}/events`,
    named('e.1', {
      involvedObject: { kind: 'Pod', name: 'one', namespace: 'NAMESPACE' },
      reason: 'Tested',
    }),
  ),
  'an event of another namespace': post(
    `${CORE}/events`,
    named('e.2', { involvedObject: { namespace: 'default' } }),
  ),
  'an event of nothing': post(`${CORE}/events`, named('e.2')),
  'events by what they are about': get(
    `${CORE}/events?fieldSelector=reason%3DTested,involvedObject.name%3Done`,
  ),
  'a role': post(
    `${RBAC}/roles`,
    named('r', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
  ),
  'a role without verbs': post(
    `${RBAC}/roles`,
    named('x', { rules: [{ apiGroups: [''], resources: ['pods'] }] }),
  ),
  'a role on nothing': post(
    `${RBAC}/roles`,
    named('x', { rules: [{ verbs: ['get'] }] }),
  ),
  'a role on a path': post(
    `${RBAC}/roles`,
    named('x', { rules: [{ verbs: ['get'], nonResourceURLs: ['/a'] }] }),
  ),
  'a binding': post(
    `${RBAC}/rolebindings`,
    binding({ subjects: [{ kind: 'User', name: 'reader' }] }),
  ),
  'another role for it': patch(`${RBAC}/rolebindings/b`, MERGE, {
    roleRef: { name: 'other' },
  }),
  'a binding of nothing': post(`${RBAC}/rolebindings`, named('x')),
  'a binding of another kind': post(
    `${RBAC}/rolebindings`,
    named('x', { roleRef: { kind: 'X', name: 'r' } }),
  ),
  'a binding to another kind': post(
    `${RBAC}/rolebindings`,
    binding({ subjects: [{ kind: 'X', name: 'reader' }] }),
  ),
  'what is asked of nothing': post(
    `${AUTHORIZATION}/selfsubjectaccessreviews`,
    { spec: {} },
  ),
  'what is asked of two things': post(
    `${AUTHORIZATION}/selfsubjectaccessreviews`,
    {
      spec: {
        resourceAttributes: { verb: 'get' },
        nonResourceAttributes: { path: '/' },
      },
    },
  ),
  'rights without a namespace': post(
    `${AUTHORIZATION}/selfsubjectrulesreviews`,
    { spec: {} },
  ),
  'what a stranger may list': as('stranger', get(`${CORE}/configmaps`)),
  'a path that a stranger may not read': as('stranger', get('/metrics')),
  'the groups that a stranger may see': as('stranger', get('/apis/nothing')),
  'a token that is none': {
    ...get(`${CORE}/configmaps`),
    headers: { Authorization: 'Bearer none' },
  },
  'a version for a token that is none': {
    ...get('/version'),
    headers: { Authorization: 'Bearer none' },
  },
  'no token': {
    ...get(`${CORE}/configmaps`),
    headers: { Authorization: '' },
  },
  'no token, of a module': {
    ...get('/one'),
    headers: { Authorization: '' },
  },
};
