/** Name of a service account. */
export interface AccountName {
  namespace: string;
  name: string;
}

const PREFIX = 'system:serviceaccount:';

/** The service account that a user is; undefined for other users. */
export function accountOf(user: string): AccountName | undefined {
  const [namespace, name] = user.startsWith(PREFIX)
    ? user.slice(PREFIX.length).split(':')
    : [];
  return namespace && name ? { namespace, name } : undefined;
}

export function accountUser({ namespace, name }: AccountName): string {
  return `${PREFIX}${namespace}:${name}`;
}

export function accountGroups({ namespace }: AccountName): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}
