import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { FailureLogs } from './FailureLogs';

const item = (version: string, cluster = 'prod') =>
  ({
    ref: { cluster, namespace: 'shop', name: 'pay' },
    module: {
      metadata: { name: 'pay', uid: 'u-1', resourceVersion: version },
    },
    observedAt: '2026-01-01T00:00:00Z',
  } as CachedModule);

describe('the last lines of modules that failed', () => {
  let now: number;
  let ask: jest.Mock<Promise<string[]>, [string, { tailLines: number }]>;
  let logs: FailureLogs;

  beforeEach(() => {
    now = 0;
    ask = jest.fn<Promise<string[]>, [string, { tailLines: number }]>(
      async () => ['Error: it broke'],
    );
    logs = new FailureLogs({
      clusters: {
        client: (cluster: string) => ({
          logs: (_: unknown, options: { tailLines: number }) =>
            ask(cluster, options),
        }),
      } as unknown as Clusters,
      now: () => now,
      patienceMs: 0,
    });
  });

  it('are read once for all who look, and again after half a minute or a change', async () => {
    await Promise.all([logs.read(item('1')), logs.read(item('1'))]);
    now = 29_999;
    expect(await logs.read(item('1'))).toEqual(['Error: it broke']);
    expect(ask.mock.calls).toEqual([
      ['prod', expect.objectContaining({ tailLines: 20 })],
    ]);

    now = 30_000;
    await logs.read(item('1'));
    await logs.read(item('2'));
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('are none where the cluster refuses them or hangs, and nobody waits', async () => {
    ask.mockRejectedValueOnce(
      new WasiError('CLUSTER_FORBIDDEN', { message: 'no pods for you' }),
    );
    expect(await logs.read(item('1'))).toEqual([]);

    ask.mockReturnValue(new Promise(() => {}));
    expect(await logs.read(item('2'))).toEqual([]);
  });

  it('are read of so many modules at once, on each cluster for itself', async () => {
    ask.mockImplementation(cluster =>
      cluster === 'hung' ? new Promise(() => {}) : Promise.resolve(['x']),
    );
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        logs.read(item(String(index), 'hung')),
      ),
    );

    expect(ask).toHaveBeenCalledTimes(4);
    await logs.read(item('1'));
    expect(await logs.read(item('1'))).toEqual(['x']);
  });
});
