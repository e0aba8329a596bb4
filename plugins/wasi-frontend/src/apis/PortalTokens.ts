import {
  gitlabAuthApiRef,
  googleAuthApiRef,
  microsoftAuthApiRef,
  oktaAuthApiRef,
  oneloginAuthApiRef,
  type ApiHolder,
  type ApiRef,
  type AuthRequestOptions,
  type OAuthApi,
  type OpenIdConnectApi,
} from '@backstage/frontend-plugin-api';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterTokens } from './ClusterTokens';
import { kubernetesAuthProvidersApiRef } from './kubernetesAuthProvidersApiRef';

// The portal asks its backend for a session each time that there is none.
const ASKED_EVERY_MS = 30_000;
// Of a token that does not say how long it lasts.
const KEPT_MS = 10 * 60_000;
// So that none ends on its way.
const SPARE_MS = 30_000;
const PATIENCE_MS = 5_000;
// As the Kubernetes plugin asks for them, so that one session serves both.
const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform.read-only';
const AZURE_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/user.read';

type Ask = (options: AuthRequestOptions) => Promise<string>;

/**
 * Tokens of the sign-ins that the portal has. They are held in memory alone, and
 * no dialog opens but by `signIn`.
 */
export class PortalTokens implements ClusterTokens {
  readonly #apis: ApiHolder;
  readonly #now: () => number;
  /** By provider, of who signed in here. */
  readonly #kept = new Map<string, { token: string; until: number }>();
  /** By provider, until when nobody is asked again whether there is a session. */
  readonly #none = new Map<string, number>();

  constructor(apis: ApiHolder, options: { now?: () => number } = {}) {
    this.#apis = apis;
    this.#now = options.now ?? Date.now;
  }

  async get(provider: string): Promise<string | undefined> {
    const ask = this.#ask(provider);
    return ask ? this.#ofSession(provider, ask) : this.#keptOf(provider);
  }

  async signIn(provider: string): Promise<void> {
    const kubernetes = this.#apis.get(kubernetesAuthProvidersApiRef);
    const ask = this.#ask(provider);
    if (!kubernetes && !ask) {
      throw new WasiError('CLUSTER_TOKEN_MISSING', {
        message: `This portal has no sign-in to ${provider} for clusters.`,
        remedy:
          'Add it to the providers of the Kubernetes plugin, `kubernetesAuthProvidersApiRef`.',
      });
    }
    let token: string | undefined;
    try {
      // In a window of its own at once, for it was asked for by a click.
      token = await ask?.({ instantPopup: true });
      token = kubernetes
        ? (await kubernetes.getCredentials(provider)).token
        : token;
    } catch (error) {
      throw new WasiError('CLUSTER_TOKEN_MISSING', {
        message: `Signing in to ${provider} did not succeed.`,
        remedy: 'Try again, and allow the window of the sign-in.',
        cause: error,
      });
    }
    if (!token) {
      throw new WasiError('CLUSTER_TOKEN_MISSING', {
        message: `The portal's sign-in to ${provider} gives no token for clusters.`,
        remedy: 'Ask the operators of the portal to check its auth providers.',
      });
    }
    this.#none.delete(provider);
    this.#kept.set(provider, { token, until: this.#endOf(token) });
  }

  async #ofSession(provider: string, ask: Ask): Promise<string | undefined> {
    if (this.#now() < (this.#none.get(provider) ?? 0)) {
      return undefined;
    }
    const asked = ask({ optional: true }).catch(() => {
      // No session is what most users have; signing in says what is wrong with it.
      return '';
    });
    const token = await inTime(asked);
    if (!token) {
      this.#none.set(provider, this.#now() + ASKED_EVERY_MS);
      this.#kept.delete(provider);
      return undefined;
    }
    // A portal's own providers may ask for more than ours.
    return this.#keptOf(provider) ?? token;
  }

  #keptOf(provider: string): string | undefined {
    const kept = this.#kept.get(provider);
    if (kept && kept.until <= this.#now()) {
      this.#kept.delete(provider);
      return undefined;
    }
    return kept?.token;
  }

  #ask(provider: string): Ask | undefined {
    const access = (ref: ApiRef<OAuthApi>, scope: string) => {
      const api = this.#apis.get(ref);
      return (
        api &&
        ((options: AuthRequestOptions) => api.getAccessToken(scope, options))
      );
    };
    const id = (ref: ApiRef<OpenIdConnectApi>) => {
      const api = this.#apis.get(ref);
      return api && ((options: AuthRequestOptions) => api.getIdToken(options));
    };
    switch (provider) {
      case 'google':
        return access(googleAuthApiRef, GOOGLE_SCOPE);
      case 'aks':
      case 'oidc.microsoft':
        return access(microsoftAuthApiRef, AZURE_SCOPE);
      case 'oidc.google':
        return id(googleAuthApiRef);
      case 'oidc.gitlab':
        return id(gitlabAuthApiRef);
      case 'oidc.okta':
        return id(oktaAuthApiRef);
      case 'oidc.onelogin':
        return id(oneloginAuthApiRef);
      default:
        return undefined;
    }
  }

  #endOf(token: string): number {
    const ends = readEnd(token);
    return ends === undefined ? this.#now() + KEPT_MS : ends - SPARE_MS;
  }
}

/** Nothing where it takes too long: all requests about the cluster wait for it. */
async function inTime(asked: Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve(''), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The `exp` of a JSON Web Token, in milliseconds; https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4 */
function readEnd(token: string): number | undefined {
  try {
    const [, claims = ''] = token.split('.');
    const { exp } = JSON.parse(
      atob(claims.replace(/-/g, '+').replace(/_/g, '/')),
    );
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    // Not one, as those of Google.
    return undefined;
  }
}
