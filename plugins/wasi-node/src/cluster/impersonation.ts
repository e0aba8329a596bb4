import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { IdentityConfig } from '../config';
import type { ClusterCaller } from './types';

const ENTITY_REF = /^([^:/]+):([^:/]+)\/([^:/]+)$/;
const PRINTABLE = /^[\x21-\x7e]+$/;
const ENTITY_REF_EXTRA = 'backstage.io/entity-ref';

/** Someone as a cluster knows them. @internal */
export interface Impersonation {
  user: string;
  groups: string[];
  /** What the request says of them. */
  headers: Record<string, string | string[]>;
  /** Whose token they are known by, where they are known by their own. */
  tokenOf?: string;
}

/**
 * What a user of the portal and the groups that own things for them are called
 * in Kubernetes: https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 *
 * Never a name that Kubernetes gives to its own parts.
 *
 * @throws `WasiError` CLUSTER_USER_REFUSED
 * @internal
 */
export function impersonate(
  caller: ClusterCaller,
  config: IdentityConfig,
): Impersonation {
  const user = userName(caller, config);
  if (user === undefined) {
    throw new WasiError('CLUSTER_USER_REFUSED', {
      message: `${caller.user} has no name in Kubernetes that \`wasi.identity.user\` allows.`,
    });
  }
  const groups = caller.groups
    // A group without a name only takes rights away.
    .map(ref => nameOf(ref, { kind: 'group', template: config.group }))
    .filter(name => name !== undefined)
    .sort((a, b) => (a < b ? -1 : 1));
  return {
    user,
    groups,
    headers: {
      'impersonate-user': user,
      ...(groups.length > 0 && { 'impersonate-group': groups }),
      ...(config.sendEntityRef && {
        [`impersonate-extra-${encodeURIComponent(ENTITY_REF_EXTRA)}`]:
          caller.user,
      }),
    },
  };
}

/** Undefined for one who must not have a name there. @internal */
export function userName(
  caller: ClusterCaller,
  config: IdentityConfig,
): string | undefined {
  return nameOf(caller.user, { kind: 'user', template: config.user });
}

function nameOf(
  ref: string,
  options: { kind: string; template: string },
): string | undefined {
  // Refs that differ in case are one entity; names in Kubernetes are not.
  const [, kind, namespace, name] =
    ENTITY_REF.exec(ref.toLocaleLowerCase('en-US')) ?? [];
  const { template } = options;
  if (
    kind !== options.kind ||
    (namespace !== 'default' && !template.includes('{namespace}'))
  ) {
    return undefined;
  }
  const made = template
    .replaceAll('{namespace}', () => namespace)
    .replaceAll('{name}', () => name);
  return PRINTABLE.test(made) && !made.toLowerCase().startsWith('system:')
    ? made
    : undefined;
}
