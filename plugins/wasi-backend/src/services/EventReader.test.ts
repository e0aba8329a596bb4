import {
  WasiError,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  CachedModule,
  Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { EventReader } from './EventReader';

const event: ModuleEvent = {
  type: 'Warning',
  reason: 'InsecureRegistry',
  message: 'The registry is asked over http.',
  count: 1,
};

const item = (options: { cluster?: string; version?: string } = {}) =>
  ({
    ref: { cluster: options.cluster ?? 'prod', namespace: 'shop', name: 'pay' },
    module: {
      metadata: {
        name: 'pay',
        uid: 'u-1',
        resourceVersion: options.version ?? '1',
      },
    },
    observedAt: '2026-01-01T00:00:00Z',
  } as CachedModule);

describe('EventReader', () => {
  let now: number;
  let ask: jest.Mock<Promise<ModuleEvent[]>, [string, AbortSignal]>;
  let reader: EventReader;

  beforeEach(() => {
    now = 0;
    ask = jest.fn<Promise<ModuleEvent[]>, [string, AbortSignal]>(async () => [
      event,
    ]);
    reader = new EventReader({
      clusters: {
        client: (cluster: string) => ({
          events: (_: unknown, { signal }: { signal: AbortSignal }) =>
            ask(cluster, signal),
        }),
      } as unknown as Clusters,
      now: () => now,
      patienceMs: 0,
    });
  });

  it('asks the cluster once for everybody who looks at the same time', async () => {
    const answers = await Promise.all([
      reader.read(item()),
      reader.read(item()),
      reader.read(item()),
    ]);

    expect(answers).toEqual(Array(3).fill({ events: [event], findings: [] }));
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('asks again after some seconds', async () => {
    await reader.read(item());
    now = 2_999;
    await reader.read(item());
    expect(ask).toHaveBeenCalledTimes(1);

    now = 3_000;
    await reader.read(item());
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('asks again at once for a module that has changed', async () => {
    await reader.read(item({ version: '1' }));
    await reader.read(item({ version: '2' }));

    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('keeps what it knew of a cluster that no longer answers, and says so', async () => {
    await reader.read(item());
    now = 3_000;
    ask.mockRejectedValue(
      new WasiError('CLUSTER_UNREACHABLE', {
        message: 'Cluster "prod" cannot be reached.',
        remedy: 'Start it.',
      }),
    );

    await expect(reader.read(item())).resolves.toEqual({
      events: [event],
      findings: [
        {
          code: 'CLUSTER_UNREACHABLE',
          severity: 'info',
          path: 'events',
          message:
            'Newer events are missing: Cluster "prod" cannot be reached.',
          remedy: 'Start it.',
        },
      ],
      problem: {
        cluster: 'prod',
        code: 'CLUSTER_UNREACHABLE',
        message: 'Cluster "prod" cannot be reached.',
        remedy: 'Start it.',
      },
    });
  });

  it('lets nobody wait for a cluster that hangs where something is known', async () => {
    await reader.read(item());
    now = 3_000;
    ask.mockReturnValue(new Promise(() => {}));

    await expect(reader.read(item())).resolves.toEqual({
      events: [event],
      findings: [],
    });
  });

  it('says why there are none where it may not read them', async () => {
    ask.mockRejectedValue(
      new WasiError('CLUSTER_FORBIDDEN', {
        message: 'Events may not be read.',
        remedy: 'Grant list on events.',
      }),
    );

    await expect(reader.read(item())).resolves.toEqual({
      events: [],
      findings: [
        {
          code: 'CLUSTER_FORBIDDEN',
          severity: 'info',
          path: 'events',
          message: 'Events are missing: Events may not be read.',
          remedy: 'Grant list on events.',
        },
      ],
    });
  });

  it('is not held up on one cluster by another that hangs', async () => {
    ask.mockImplementation(cluster =>
      cluster === 'hung' ? new Promise(() => {}) : Promise.resolve([event]),
    );
    for (let version = 0; version < 20; version += 1) {
      reader.read(item({ cluster: 'hung', version: String(version) }));
    }

    await expect(reader.read(item())).resolves.toEqual({
      events: [event],
      findings: [],
    });
    expect(
      ask.mock.calls.filter(([cluster]) => cluster === 'hung'),
    ).toHaveLength(8);
  });
});
