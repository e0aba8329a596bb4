import {
  gitlabAuthApiRef,
  googleAuthApiRef,
  microsoftAuthApiRef,
  type ApiHolder,
  type AuthRequestOptions,
} from '@backstage/frontend-plugin-api';
import { kubernetesAuthProvidersApiRef } from './kubernetesAuthProvidersApiRef';
import { PortalTokens } from './PortalTokens';

/** A sign-in of the portal as it treats who has a session, and who has none. */
class SignIns {
  /** What the session holds; without one, a dialog would open. */
  session = '';
  afterDialog = 'new';
  readonly asked: (AuthRequestOptions & { scope?: string })[] = [];

  readonly getIdToken = (options: AuthRequestOptions = {}) =>
    this.getAccessToken(undefined, options);

  readonly getAccessToken = async (
    scope?: string,
    options: AuthRequestOptions = {},
  ) => {
    this.asked.push({ ...options, ...(scope && { scope }) });
    if (!this.session && !options.optional) {
      if (!this.afterDialog) {
        throw new Error('Login failed, rejected by user');
      }
      this.session = this.afterDialog;
    }
    return this.session;
  };
}

function jwt(exp: number): string {
  return `e30.${btoa(JSON.stringify({ exp, name: 'ü?>' }))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '')}.x`;
}

describe("tokens of the portal's sign-ins", () => {
  let now: number;
  let signIns: SignIns;
  let apis: Map<string, unknown>;
  let tokens: PortalTokens;

  beforeEach(() => {
    now = 1_000_000;
    signIns = new SignIns();
    apis = new Map<string, unknown>([
      [googleAuthApiRef.id, signIns],
      [microsoftAuthApiRef.id, signIns],
      [gitlabAuthApiRef.id, signIns],
    ]);
    const holder = { get: ref => apis.get(ref.id) } as ApiHolder;
    tokens = new PortalTokens(holder, { now: () => now });
  });

  it.each([
    [
      'google',
      { scope: 'https://www.googleapis.com/auth/cloud-platform.read-only' },
    ],
    ['aks', { scope: '6dae42f8-4368-4678-94ff-3960e28e3630/user.read' }],
    [
      'oidc.microsoft',
      { scope: '6dae42f8-4368-4678-94ff-3960e28e3630/user.read' },
    ],
    ['oidc.google', {}],
    ['oidc.gitlab', {}],
  ])(
    'are taken from the session of %s, without a dialog',
    async (provider, scope) => {
      signIns.session = 'present';
      expect(await tokens.get(provider)).toBe('present');
      expect(signIns.asked).toEqual([{ ...scope, optional: true }]);
    },
  );

  it('are none without a session, which is looked for twice a minute at most', async () => {
    expect(await tokens.get('google')).toBeUndefined();
    now += 29_999;
    expect(await tokens.get('google')).toBeUndefined();
    expect(signIns.asked).toHaveLength(1);

    signIns.session = 'elsewhere';
    now += 1;
    expect(await tokens.get('google')).toBe('elsewhere');
    expect(signIns.asked.every(({ optional }) => optional)).toBe(true);
  });

  it.each(['oidc.okta', 'oidc.custom', 'unheard-of'])(
    'are none of %s, which the portal does not have',
    async provider => {
      expect(await tokens.get(provider)).toBeUndefined();
      await expect(tokens.signIn(provider)).rejects.toMatchObject({
        code: 'CLUSTER_TOKEN_MISSING',
        message: `This portal has no sign-in to ${provider} for clusters.`,
      });
    },
  );

  it('come from a window of their own when the user asks for it', async () => {
    await tokens.get('google');
    await tokens.signIn('google');
    expect(signIns.asked.at(-1)).toMatchObject({ instantPopup: true });
    expect(await tokens.get('google')).toBe('new');
  });

  it('are none when the user refuses, and may be asked for again', async () => {
    signIns.afterDialog = '';
    await expect(tokens.signIn('google')).rejects.toMatchObject({
      code: 'CLUSTER_TOKEN_MISSING',
      message: 'Signing in to google did not succeed.',
    });
    expect(await tokens.get('google')).toBeUndefined();

    signIns.afterDialog = 'second thoughts';
    await tokens.signIn('google');
    expect(await tokens.get('google')).toBe('second thoughts');
  });

  it('are gone with the session', async () => {
    await tokens.signIn('google');
    signIns.session = '';
    expect(await tokens.get('google')).toBeUndefined();
  });

  describe('of a portal with the Kubernetes plugin', () => {
    let credentials: { token?: string };
    let asked: string[];

    beforeEach(() => {
      credentials = { token: 'for clusters' };
      asked = [];
      apis.set(kubernetesAuthProvidersApiRef.id, {
        getCredentials: async (provider: string) => {
          asked.push(provider);
          return credentials;
        },
      });
    });

    it('are asked of its providers by a click alone, for they may open a dialog', async () => {
      expect(await tokens.get('oidc.custom')).toBeUndefined();
      expect(asked).toEqual([]);

      await tokens.signIn('oidc.custom');
      expect(await tokens.get('oidc.custom')).toBe('for clusters');
      expect(asked).toEqual(['oidc.custom']);
    });

    it('are those of its providers where the portal could sign in as well', async () => {
      await tokens.signIn('google');
      expect(await tokens.get('google')).toBe('for clusters');
    });

    it.each([
      ['half a minute before it ends', () => jwt(2_000), 970_000],
      ['ten minutes where that is not known', () => 'opaque', 600_000],
      ['ten minutes where it cannot be read', () => 'a.%%%.c', 600_000],
    ])('are kept until %s', async (_, make, keptMs) => {
      credentials = { token: make() };
      await tokens.signIn('oidc.custom');
      now += keptMs - 1;
      expect(await tokens.get('oidc.custom')).toBe(credentials.token);
      now += 1;
      expect(await tokens.get('oidc.custom')).toBeUndefined();
    });

    it('that it does not give are said to be none', async () => {
      credentials = {};
      await expect(tokens.signIn('oidc.custom')).rejects.toMatchObject({
        message:
          "The portal's sign-in to oidc.custom gives no token for clusters.",
      });
    });
  });
});
