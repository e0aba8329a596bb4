import { ConfigReader } from '@backstage/config';
import { readWasiConfig } from '../config';
import {
  startKubernetesServer,
  type ScriptedAnswer,
  type SeenRequest,
} from '../testing/startKubernetesServer';
import { clusterConfig, hello, ref } from './__testUtils__/useClusters';
import { createClusters } from './createClusters';

const jane = {
  user: 'user:default/jane',
  groups: ['user:default/jane', 'group:default/shop'],
};

describe('as whom a cluster is called', () => {
  const ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    await Promise.all(ends.splice(0).map(end => end()));
  });

  async function connect(
    identity: object | undefined,
    answer: (request: SeenRequest) => ScriptedAnswer = () => ({ json: hello }),
  ) {
    const server = await startKubernetesServer(answer);
    ends.push(server.close);
    const config = new ConfigReader({
      ...(clusterConfig(server.url).get() as object),
      wasi: { identity },
    } as any);
    return {
      clusters: createClusters(config, readWasiConfig(config)),
      requests: server.requests,
      connections: server.connections,
    };
  }

  it('is the portal, unless it is told to act as its users', async () => {
    const { clusters, requests } = await connect(undefined);

    await clusters.client('prod', jane).get(ref);

    expect(requests[0].headers).not.toHaveProperty('impersonate-user');
    expect(clusters.identity('prod', jane)).toEqual({
      kind: 'service-account',
    });
  });

  it('is the user and the groups, by the credentials of the portal', async () => {
    const { clusters, requests } = await connect({ mode: 'impersonate' });

    await clusters.client('prod', jane).get(ref);

    expect(requests[0].headers).toMatchObject({
      authorization: 'Bearer very-secret',
      'impersonate-user': 'backstage:default/jane',
      'impersonate-group': 'backstage:default/shop',
    });
    expect(clusters.identity('prod', jane)).toEqual({
      kind: 'impersonation',
      name: 'backstage:default/jane',
    });
  });

  it('is the portal where nobody asks: its watch, its services', async () => {
    const { clusters, requests } = await connect({ mode: 'impersonate' });
    await clusters.client('prod', jane).get(ref);

    await clusters.client('prod').get(ref);

    expect(requests[1].headers).not.toHaveProperty('impersonate-user');
    expect(clusters.identity('prod').kind).toBe('service-account');
  });

  it('is the portal on a cluster that is configured so', async () => {
    const { clusters } = await connect({
      mode: 'impersonate',
      clusters: [{ name: 'prod', mode: 'service-account' }],
    });

    expect(clusters.identity('prod', jane).kind).toBe('service-account');
  });

  it('stays apart between users, also with more of them than are kept', async () => {
    const { clusters, requests } = await connect({ mode: 'impersonate' });
    const first = clusters.client('prod', jane);
    for (let index = 0; index < 600; index += 1) {
      clusters.client('prod', {
        user: `user:default/u${index}`,
        groups: [],
      });
    }

    await clusters
      .client('prod', { user: 'user:default/joe', groups: [] })
      .get(ref);
    await first.get(ref);
    await clusters.client('prod', jane).get(ref);

    expect(
      requests.map(({ headers }) => [
        headers['impersonate-user'],
        headers['impersonate-group'],
      ]),
    ).toEqual([
      ['backstage:default/joe', undefined],
      ['backstage:default/jane', 'backstage:default/shop'],
      ['backstage:default/jane', 'backstage:default/shop'],
    ]);
  });

  const forbidden = (message: string) => () => ({
    status: 403,
    json: { kind: 'Status', reason: 'Forbidden', message },
  });

  it('is told with the right that is missing, and with whom can give it', async () => {
    const { clusters } = await connect(
      { mode: 'impersonate' },
      forbidden(
        'wasmmodules.wasm.serving.knative.dev "hello" is forbidden: User "backstage:default/jane" cannot get resource "wasmmodules" in API group "wasm.serving.knative.dev" in the namespace "shop"',
      ),
    );

    await expect(clusters.client('prod', jane).get(ref)).rejects.toMatchObject({
      code: 'CLUSTER_FORBIDDEN',
      message:
        'Could not read WasmModule shop/hello on cluster "prod": wasmmodules.wasm.serving.knative.dev "hello" is forbidden: User "backstage:default/jane" cannot get resource "wasmmodules" in API group "wasm.serving.knative.dev" in the namespace "shop"',
      remedy:
        'Ask the administrators of cluster "prod" to let user "backstage:default/jane" or one of the groups "backstage:default/shop" get wasmmodules in namespace shop.',
    });
  });

  it('names the account of the portal where that may not act as the user', async () => {
    const { clusters } = await connect(
      { mode: 'impersonate' },
      forbidden(
        'users "backstage:default/jane" is forbidden: User "system:serviceaccount:backstage:backstage" cannot impersonate resource "users" in API group "" at the cluster scope',
      ),
    );

    await expect(clusters.client('prod', jane).get(ref)).rejects.toMatchObject({
      code: 'CLUSTER_IMPERSONATION_FORBIDDEN',
      remedy:
        'Give "system:serviceaccount:backstage:backstage" the right to impersonate users on cluster "prod", as in deploy/rbac/impersonation.yaml.',
    });
  });

  it('shares the connection to the cluster between users that read', async () => {
    const { clusters, connections } = await connect({ mode: 'impersonate' });

    for (const name of ['jane', 'joe', 'jim']) {
      const user = { user: `user:default/${name}`, groups: [] };
      await clusters.client('prod', user).get(ref);
    }

    expect(connections()).toBe(1);
  });
});
