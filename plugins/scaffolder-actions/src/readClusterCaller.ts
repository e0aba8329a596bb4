import type {
  AuthService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { ClusterCaller } from '@wasi-functions/backstage-plugin-wasi-node';

/**
 * On whose behalf an action calls a cluster; undefined for a service, which has no
 * account there.
 */
export type ReadClusterCaller = (
  credentials: BackstageCredentials,
) => Promise<ClusterCaller | undefined>;

export function createReadClusterCaller(options: {
  auth: AuthService;
  userInfo: UserInfoService;
}): ReadClusterCaller {
  const { auth, userInfo } = options;
  return async credentials => {
    if (!auth.isPrincipal(credentials, 'user')) {
      return undefined;
    }
    const { userEntityRef, ownershipEntityRefs } = await userInfo.getUserInfo(
      credentials,
    );
    return { user: userEntityRef, groups: ownershipEntityRefs };
  };
}
