import type { IncomingMessage } from 'node:http';
import { badRequest } from '../status/refusals';
import { accountGroups, accountOf } from './accounts';
import type { Authorizer } from './Authorizer';
import type { RequestUser } from './PolicyRule';

const EXTRA = 'impersonate-extra-';

/**
 * Whom a request acts as.
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 *
 * @throws KubernetesStatusError 403 where the sender may not act as them.
 */
export function impersonated(
  request: IncomingMessage,
  sender: RequestUser,
  options: {
    authorizer: Authorizer;
    /** Rights that somebody has without a role. */
    rulesOf: (name: string) => RequestUser['rules'];
  },
): RequestUser {
  const headers = request.headersDistinct;
  const [name] = headers['impersonate-user'] ?? [];
  const groups = headers['impersonate-group'] ?? [];
  const extra = Object.entries(headers).filter(([key]) =>
    key.startsWith(EXTRA),
  );
  if (!name) {
    if (groups.length > 0 || extra.length > 0) {
      throw badRequest('requested impersonation without impersonating a user');
    }
    return sender;
  }
  const require = (resource: string, of: string, subresource = '') =>
    options.authorizer.requireAllowed(sender, {
      verb: 'impersonate',
      group: subresource ? 'authentication.k8s.io' : '',
      resource,
      subresource,
      namespace: '',
      name: of,
    });
  const account = accountOf(name);
  if (account) {
    options.authorizer.requireAllowed(sender, {
      verb: 'impersonate',
      group: '',
      resource: 'serviceaccounts',
      subresource: '',
      ...account,
    });
  } else {
    require('users', name);
  }
  groups.forEach(group => require('groups', group));
  for (const [key, values = []] of extra) {
    const subresource = decodeURIComponent(key.slice(EXTRA.length));
    values.forEach(value => require('userextras', value, subresource));
  }
  return {
    name,
    groups: [
      ...new Set([
        ...groups,
        ...(account && groups.length === 0 ? accountGroups(account) : []),
        'system:authenticated',
      ]),
    ],
    rules: options.rulesOf(name),
  };
}
