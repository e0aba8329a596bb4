import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ClusterTokens } from './ClusterTokens';
import { WasiClient } from './WasiClient';
import { deployments } from '../__fixtures__/deployments';
import { readyModule } from '../__fixtures__/modules';

const entity = { kind: 'component', namespace: 'default', name: 'hello' };
const gke = { cluster: 'gke', namespace: 'team a', name: 'hello' };
const empty = { items: [], problems: [], missing: [] };
const missing = {
  cluster: 'gke',
  code: 'CLUSTER_TOKEN_MISSING',
  message: 'Cluster "gke" takes none of this.',
  remedy: 'Sign in again.',
};
const wanting = {
  ...empty,
  problems: [missing],
  userTokens: [{ cluster: 'gke', provider: 'google', expected: true }],
};

/** The backend as a browser reaches it, and all that was sent to it. */
class Backend {
  answers: Record<string, unknown> = {};
  readonly seen: { url: string; init: RequestInit }[] = [];

  readonly fetch = async (url: unknown, init: RequestInit = {}) => {
    this.seen.push({ url: String(url), init });
    const path = String(url).replace(/^.*\/hello/, '');
    return new Response(JSON.stringify(this.answers[path] ?? empty));
  };

  tokens() {
    return this.seen.map(
      ({ init }) =>
        (init.headers as Record<string, string>)['wasi-cluster-tokens'],
    );
  }
}

describe("the user's own tokens", () => {
  let backend: Backend;
  let atHand: Record<string, string>;
  let tokens: ClusterTokens & { asked: string[] };
  let client: WasiClient;

  beforeEach(async () => {
    backend = new Backend();
    backend.answers['/modules'] = wanting;
    atHand = { google: 'secret-1' };
    tokens = {
      asked: [],
      get: async provider => {
        tokens.asked.push(provider);
        return atHand[provider];
      },
      signIn: async provider => {
        atHand[provider] = 'secret-2';
      },
    };
    client = new WasiClient({ fetchApi: backend });
    await client.takeTokensFrom(tokens);
  });

  it('are asked for where a cluster wants one, and not before', async () => {
    await client.getLogs(entity, gke).catch(() => {});
    await client.listModules(entity);
    expect(tokens.asked).toEqual([]);
    expect(backend.tokens()).toEqual([undefined, undefined]);
  });

  it('travel in the header alone, to the cluster that is asked for', async () => {
    await client.listModules(entity);
    await client.listModules(entity, { cluster: 'gke' });
    await client.listModules(entity, { cluster: 'local' });
    await client.listModules(entity);
    await client.getLogs(entity, gke).catch(() => {});
    await client.getLogs(entity, { ...gke, cluster: 'local' }).catch(() => {});
    await client.getArtifact(entity, gke).catch(() => {});
    await client.deleteModule(entity, gke);

    expect(backend.tokens()).toEqual([
      undefined,
      'gke=secret-1',
      undefined,
      undefined,
      'gke=secret-1',
      undefined,
      'gke=secret-1',
      'gke=secret-1',
    ]);
    for (const { url, init } of backend.seen) {
      const { headers, ...rest } = init;
      expect(JSON.stringify([url, rest])).not.toContain('secret');
    }
  });

  it('go along with no redirect', async () => {
    await client.listModules(entity);
    await client.listModules(entity, { cluster: 'gke' });
    expect(backend.seen.map(({ init }) => init.redirect)).toEqual([
      undefined,
      'error',
    ]);
  });

  it('go with roll-backs to the cluster of the deployment', async () => {
    await client.listModules(entity);
    const deployment = { ...deployments(0)[0], id: 'd1', ref: gke };
    backend.answers['/deployments?limit=10'] = { items: [deployment] };
    await client.listDeployments(entity);
    await client.planRollback(entity, 'd1').catch(() => {});
    await client.planRollback(entity, 'd2').catch(() => {});
    expect(backend.tokens().slice(-2)).toEqual(['gke=secret-1', undefined]);
  });

  it('that are missing are told before anything is sent', async () => {
    atHand = {};
    await client.listModules(entity);
    await expect(
      client.listModules(entity, { cluster: 'gke' }),
    ).rejects.toMatchObject({
      code: 'CLUSTER_TOKEN_MISSING',
      remedy: 'Sign in to google to see them.',
    });
    expect(backend.seen).toHaveLength(1);
  });

  it('that a cluster does not take are not sent again until the user signs in', async () => {
    await client.listModules(entity);
    backend.answers['/modules?cluster=gke'] = wanting;
    const refused = () =>
      client.listModules(entity, { cluster: 'gke' }).catch(error => error);
    expect((await refused()).message).toBe(missing.message);
    expect(backend.seen).toHaveLength(2);
    expect((await refused()).message).toBe(missing.message);
    expect(isWasiError(await refused())).toBe(true);
    expect(backend.seen).toHaveLength(2);

    backend.answers['/modules?cluster=gke'] = {
      ...empty,
      items: [readyModule(0)],
    };
    await client.signIn('gke');
    const { items } = await client.listModules(entity, { cluster: 'gke' });
    expect(items).toHaveLength(1);
    expect(backend.tokens().at(-1)).toBe('gke=secret-2');
  });

  it('that are renewed meanwhile are sent', async () => {
    await client.listModules(entity);
    backend.answers['/modules?cluster=gke'] = wanting;
    await client.listModules(entity, { cluster: 'gke' }).catch(() => {});
    backend.answers['/modules?cluster=gke'] = empty;
    atHand = { google: 'secret-3' };
    await client.listModules(entity, { cluster: 'gke' });
    expect(backend.tokens().at(-1)).toBe('gke=secret-3');
  });

  it('are no fault of the list, which names who wants one', async () => {
    const other = { ...missing, code: 'CLUSTER_UNREACHABLE', cluster: 'edge' };
    backend.answers['/modules'] = { ...wanting, problems: [missing, other] };
    expect(await client.listModules(entity)).toEqual({
      ...wanting,
      problems: [other],
    });
  });
});
