import type { IncomingHttpHeaders } from 'node:http';
import type {
  AuthService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  type DeploymentOrigin,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterCaller } from '@wasi-functions/backstage-plugin-wasi-node';

/** Who asks the plugin for something. @internal */
export interface Caller {
  credentials: BackstageCredentials;
  /** Entity ref of the user, or the subject of a service. */
  name: string;
  /** Whom clusters are called as; absent for a service, which has no account there. */
  cluster?: ClusterCaller;
  origin: DeploymentOrigin;
}

/**
 * Tells who a caller is, by the portal's credentials alone.
 *
 * @internal
 */
export class Callers {
  readonly #auth: AuthService;
  readonly #userInfo: UserInfoService;

  constructor(options: { auth: AuthService; userInfo: UserInfoService }) {
    this.#auth = options.auth;
    this.#userInfo = options.userInfo;
  }

  async of(
    credentials: BackstageCredentials,
    headers: IncomingHttpHeaders = {},
  ): Promise<Caller> {
    // Names a client and gives it nothing: it only says where the history came from.
    const origin = headers['wasi-client'] === 'portal' ? 'portal' : 'api';
    if (this.#auth.isPrincipal(credentials, 'user')) {
      const { principal } = credentials;
      const { userEntityRef, ownershipEntityRefs } =
        await this.#userInfo.getUserInfo(credentials);
      return {
        credentials,
        name: userEntityRef,
        cluster: { user: userEntityRef, groups: ownershipEntityRefs },
        origin:
          principal.actor?.subject === 'plugin:scaffolder'
            ? 'template'
            : origin,
      };
    }
    if (this.#auth.isPrincipal(credentials, 'service')) {
      return { credentials, name: credentials.principal.subject, origin };
    }
    throw new WasiError('PERMISSION_DENIED', {
      message: 'Nobody is signed in.',
    });
  }
}
