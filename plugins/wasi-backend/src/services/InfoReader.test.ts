import type { RuntimeView } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createFakeClusters,
  FakeWasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node/testing';
import { InfoReader } from './InfoReader';

describe('what a backend offers', () => {
  const problem = {
    cluster: 'dead',
    code: 'CLUSTER_UNREACHABLE' as const,
    message: 'away',
    remedy: 'Check it.',
  };
  let now: number;
  let checkAll: jest.Mock<Promise<RuntimeView[]>, []>;
  let reader: InfoReader;

  beforeEach(() => {
    now = 0;
    checkAll = jest.fn(async () => []);
    reader = new InfoReader({
      toolchains: { checkAll },
      clusters: createFakeClusters([
        new FakeWasmModuleClient('living'),
        new FakeWasmModuleClient('dead'),
      ]),
      cache: { problems: () => [problem] },
      registries: [
        { host: 'localhost:5000', insecure: true, password: 'hunter2' },
        { host: 'ghcr.io', prefix: 'team', insecure: false },
      ],
      now: () => now,
    });
  });

  it('names clusters with their problems, and registries without credentials', async () => {
    await expect(reader.read()).resolves.toEqual({
      runtimes: [],
      clusters: [
        { name: 'living', identity: { kind: 'service-account' } },
        { name: 'dead', identity: { kind: 'service-account' }, problem },
      ],
      registries: ['localhost:5000', 'ghcr.io/team'],
    });
  });

  it('looks for tools once in half a minute', async () => {
    await Promise.all([reader.read(), reader.read()]);
    now = 29_999;
    await reader.read();
    expect(checkAll).toHaveBeenCalledTimes(1);

    now = 30_000;
    await reader.read();
    expect(checkAll).toHaveBeenCalledTimes(2);
  });

  it('looks again at once where looking failed', async () => {
    checkAll.mockRejectedValueOnce(new Error('no'));

    await expect(reader.read()).rejects.toThrow('no');
    await expect(reader.read()).resolves.toMatchObject({ runtimes: [] });
  });
});
