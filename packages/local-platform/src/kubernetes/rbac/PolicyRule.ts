/**
 * What a user may do; `*` stands for everything.
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 *
 * @public
 */
export interface PolicyRule {
  verbs: string[];
  /** Empty string for the core group. */
  apiGroups: string[];
  /** Plural names, `pods/log` for a subresource. */
  resources: string[];
  resourceNames?: string[];
  /** All namespaces and the cluster where absent. */
  namespaces?: string[];
}

/**
 * Someone who may use the API, besides its administrator.
 *
 * @public
 */
export interface KubernetesUser {
  name: string;
  groups?: string[];
  token: string;
  rules: PolicyRule[];
}

/** Who sends a request. */
export interface RequestUser {
  name: string;
  groups: string[];
  rules: PolicyRule[];
}

/** What a request would do to a resource. */
export interface ResourceAccess {
  verb: string;
  group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}
