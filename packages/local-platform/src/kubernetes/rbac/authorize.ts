import { forbidden } from '../status/refusals';
import type { PolicyRule, RequestUser, ResourceAccess } from './PolicyRule';

const ALL: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

/** Rules of the administrator. */
export const ADMINISTRATOR_RULES: PolicyRule[] = [ALL];

/**
 * The least that the portal's backend needs: modules, and what explains them.
 * No secret can be read.
 */
export const BACKSTAGE_RULES: PolicyRule[] = [
  {
    verbs: ['*'],
    apiGroups: ['wasm.serving.knative.dev'],
    resources: ['wasmmodules', 'wasmmodules/status'],
  },
  {
    verbs: ['get', 'list', 'watch'],
    apiGroups: [''],
    resources: ['events', 'pods', 'pods/log'],
  },
  {
    verbs: ['get', 'list', 'watch'],
    apiGroups: ['serving.knative.dev'],
    resources: ['services', 'revisions'],
  },
  {
    verbs: ['get', 'list', 'watch', 'create'],
    apiGroups: [''],
    resources: ['namespaces'],
  },
  {
    verbs: ['get', 'list', 'watch'],
    apiGroups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
  },
];

/** What everyone who is known may do: ask about themselves. */
export const COMMON_RULES: PolicyRule[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  {
    verbs: ['create'],
    apiGroups: ['authentication.k8s.io'],
    resources: ['selfsubjectreviews'],
  },
];

/** Paths besides resources that may be read. */
export interface NonResourceRule {
  verbs: string[];
  nonResourceURLs: string[];
}

/** Health and version are open to everyone. */
const HEALTH = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const DISCOVERY = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/openapi',
  '/openapi/*',
];
const KEYS = [
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/',
  '/openid/v1/jwks',
  '/openid/v1/jwks/',
];

/** What Kubernetes' own roles let someone read besides resources. */
export function nonResourceRules(user: RequestUser): NonResourceRule[] {
  const get = (nonResourceURLs: string[]) => ({
    verbs: ['get'],
    nonResourceURLs,
  });
  return [
    ...(user.groups.includes('system:masters')
      ? [{ verbs: ['*'], nonResourceURLs: ['*'] }]
      : []),
    ...(isKnown(user) ? [get([...DISCOVERY, ...HEALTH])] : []),
    get(HEALTH),
    ...(user.groups.includes('system:serviceaccounts') ? [get(KEYS)] : []),
  ];
}

/** @throws KubernetesStatusError 403 for a path that someone may not read. */
export function requirePath(user: RequestUser, wanted: string): void {
  const access = { path: wanted, verb: 'get' };
  if (!nonResourceRules(user).some(rule => grantsPath(rule, access))) {
    throw forbidden(
      { group: '', resource: '' },
      '',
      `User "${user.name}" cannot get path "${wanted}"`,
    );
  }
}

/** Whether it is told who someone is. */
export function isKnown({ groups }: RequestUser): boolean {
  return groups.includes('system:authenticated');
}

/** Whether someone may read a path. */
export function grantsPath(
  rule: NonResourceRule,
  { path: wanted, verb }: { path: string; verb: string },
): boolean {
  return (
    matches(rule.verbs, verb) &&
    rule.nonResourceURLs.some(
      one =>
        one === wanted ||
        (one.endsWith('*') && wanted.startsWith(one.slice(0, -1))),
    )
  );
}

/** The refusal in Kubernetes' words. */
export function refuse(user: RequestUser, access: ResourceAccess) {
  const { verb, group, namespace, name } = access;
  const where = namespace
    ? `in the namespace "${namespace}"`
    : 'at the cluster scope';
  return forbidden(
    { group, resource: access.resource },
    name,
    `User "${user.name}" cannot ${verb} resource "${path(
      access,
    )}" in API group "${group}" ${where}`,
  );
}

export function grants(rule: PolicyRule, access: ResourceAccess): boolean {
  return (
    matches(rule.verbs, access.verb) &&
    matches(rule.apiGroups, access.group) &&
    matches(rule.resources, path(access)) &&
    (!rule.resourceNames || rule.resourceNames.includes(access.name))
  );
}

function matches(allowed: string[], wanted: string): boolean {
  return allowed.includes('*') || allowed.includes(wanted);
}

function path(access: ResourceAccess): string {
  return access.subresource
    ? `${access.resource}/${access.subresource}`
    : access.resource;
}
