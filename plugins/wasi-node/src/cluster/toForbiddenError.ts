import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { KubernetesAnswer } from './KubernetesConnection';

const MAX_GROUPS = 5;

/**
 * Says who lacks which right, and who can give it.
 *
 * @internal
 */
export function toForbiddenError(
  answer: KubernetesAnswer,
  refused: {
    cluster: string;
    what: string;
    message?: string;
    /** Where the API server does not say which right it is. */
    remedy?: string;
  },
): WasiError {
  const { cluster, what, message } = refused;
  const text = message ? `${what}: ${message}` : `${what}.`;
  const right = readRight(message);
  if (right?.verb === 'impersonate') {
    return new WasiError('CLUSTER_IMPERSONATION_FORBIDDEN', {
      message: text,
      remedy: `Give ${right.user} the right to impersonate ${right.resource} on cluster "${cluster}", as in deploy/rbac/impersonation.yaml.`,
    });
  }
  if (!right) {
    return new WasiError('CLUSTER_FORBIDDEN', {
      message: text,
      remedy: refused.remedy,
    });
  }
  const { verb, resource, where } = right;
  return new WasiError('CLUSTER_FORBIDDEN', {
    message: text,
    remedy: answer.as
      ? `Ask the administrators of cluster "${cluster}" to let ${describe(
          right.user,
          answer.as.groups,
        )} ${verb} ${resource}${where}.`
      : `Let ${right.user}, the portal's account on cluster "${cluster}", ${verb} ${resource}${where}; deploy/rbac has the roles.`,
  });
}

/** Kubernetes tells it in a sentence only. */
function readRight(message: string | undefined):
  | {
      user: string;
      verb: string;
      resource: string;
      where: string;
    }
  | undefined {
  const [, user, verb, resource, namespace] =
    message?.match(
      /User "([^"]*)" cannot (\S+) resource "([^"]*)" in API group "[^"]*"(?: in the namespace "([^"]*)")?/,
    ) ?? [];
  return verb === undefined
    ? undefined
    : {
        user: `"${user}"`,
        verb,
        resource,
        where: namespace ? ` in namespace ${namespace}` : '',
      };
}

function describe(user: string, groups: string[]) {
  if (groups.length === 0) {
    return `user ${user}`;
  }
  const named = groups.slice(0, MAX_GROUPS).map(group => `"${group}"`);
  const more = groups.length - named.length;
  return `user ${user} or one of the groups ${named.join(', ')}${
    more > 0 ? ` and ${more} more` : ''
  }`;
}
