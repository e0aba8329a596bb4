import type { IncomingHttpHeaders } from 'node:http';
import type {
  AuthService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  CLUSTER_TOKENS_HEADER,
  parseClusterTokens,
  WasiError,
  type DeploymentOrigin,
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
        cluster: {
          user: userEntityRef,
          groups: ownershipEntityRefs,
          tokens: tokensOf(headers),
        },
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

// They say nothing of who asks: the cluster judges each, and each goes only there.
function tokensOf(
  headers: IncomingHttpHeaders,
): Record<string, string> | undefined {
  const header = headers[CLUSTER_TOKENS_HEADER];
  if (header === undefined) {
    return undefined;
  }
  const tokens = parseClusterTokens(String(header));
  if (!tokens) {
    // Without what was sent, which would be a secret in a log.
    throw new WasiError('INPUT_INVALID', {
      message: `The header ${CLUSTER_TOKENS_HEADER} cannot be read.`,
      remedy:
        'Send names of clusters, encoded as in a URL, each with = and a token, by comma.',
    });
  }
  return tokens;
}
