import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WatchedEvents } from '../testing/apiClient';
import { threeLines } from '../testing/localTarget';
import { MODULES, wasmModule } from './__fixtures__/wasmModule';
import { startKubernetesApi, type KubernetesApi } from '.';

describe('the folder of the Kubernetes API', () => {
  let directory: string;
  let api: KubernetesApi | undefined;
  const start = async (options: { clock?: () => Date } = {}) => {
    api = await startKubernetesApi({
      directory,
      port: 0,
      logSource: threeLines,
      ...options,
    });
    return api;
  };
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
  });
  afterEach(async () => {
    await api?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('keeps objects, tokens and certificates over a restart', async () => {
    const before = await start();
    const created = before.store.create('wasmmodules', wasmModule('one'));
    await before.close();
    const after = await start();
    expect(after.store.get('wasmmodules', 'default', 'one')).toEqual(created);
    expect([
      after.adminToken,
      after.backstageToken,
      after.caCertificate,
    ]).toEqual([
      before.adminToken,
      before.backstageToken,
      before.caCertificate,
    ]);
  });

  it('lets a watch go on over a restart', async () => {
    const before = await start();
    const one = before.store.create('wasmmodules', wasmModule('one'));
    before.store.create('wasmmodules', wasmModule('two'));
    await before.close();
    const after = await start({
      clock: () => new Date(Date.now() + 3_600_000),
    });
    const events = await WatchedEvents.open(
      after,
      `${MODULES}?watch=true&resourceVersion=${one.metadata.resourceVersion}`,
    );
    const { type, object } = await events.next();
    expect([type, object.metadata.name]).toEqual(['ADDED', 'two']);
    events.close();
  });

  it('never goes back to versions of a folder that was deleted', async () => {
    const before = await start();
    const one = before.store.create('wasmmodules', wasmModule('one'));
    await before.close();
    rmSync(directory, { recursive: true });
    api = await startKubernetesApi({
      directory,
      port: 0,
      logSource: threeLines,
      clock: () => new Date(Date.now() + 60_000),
    });
    const again = api.store.create('wasmmodules', wasmModule('one'));
    expect(Number(again.metadata.resourceVersion)).toBeGreaterThan(
      Number(one.metadata.resourceVersion),
    );
  });

  it('says which port is taken', async () => {
    const { server } = await start();
    const other = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
    await expect(
      startKubernetesApi({
        directory: other,
        port: Number(new URL(server).port),
        logSource: threeLines,
      }),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
    rmSync(other, { recursive: true, force: true });
  });
});
