import { kubeApiserverAssets } from '@wasi-functions/local-platform/testing';
import type { Backend } from './Backend';
import { FaultyCluster } from './FaultyCluster';
import { KubeconfigFile } from './KubeconfigFile';
import { shiftTime } from './shiftTime';
import { until } from './until';

jest.setTimeout(90_000);

const HOUR = 3_600_000;

// The whole plugin takes long to load, which is of no use where it is skipped.
const plugin = kubeApiserverAssets
  ? jest.requireActual<typeof import('./Backend')>('./Backend')
  : undefined;

(kubeApiserverAssets ? describe : describe.skip)(
  'what an open page shows of a cluster, told by signals alone (tool: KUBEBUILDER_ASSETS)',
  () => {
    let cluster: FaultyCluster;
    let file: KubeconfigFile;
    let backend: Backend;

    beforeAll(async () => {
      cluster = await FaultyCluster.start();
    });

    afterAll(async () => {
      await cluster?.close();
    });

    beforeEach(async () => {
      await cluster.begin();
      file = new KubeconfigFile();
      file.connect(await cluster.connection());
      backend = await plugin!.Backend.start(file);
      await expectRight();
    });

    afterEach(async () => {
      await backend.stop();
      file.remove();
      await cluster.end();
    });

    async function expectRight(): Promise<void> {
      const wanted = await cluster.truth();
      await until(
        () =>
          backend.problem === undefined &&
          JSON.stringify(backend.modules) === JSON.stringify(wanted),
      );
      expect(backend.page.problems).toEqual([]);
    }

    /** A problem, beside what was known before. */
    async function expectProblem(
      code: string,
      before: Record<string, string>,
    ): Promise<void> {
      await until(() => backend.problem !== undefined);
      expect(backend.page.problems).toEqual([
        expect.objectContaining({
          cluster: 'local',
          code,
          remedy: expect.any(String),
        }),
      ]);
      expect(backend.modules).toEqual(before);
    }

    it('is right again after the API server was killed', async () => {
      const before = backend.modules;
      const heardAt = backend.page.items[0].observedAt;
      await cluster.api.killApi();
      await expectProblem('CLUSTER_UNREACHABLE', before);
      expect(backend.page.items[0].observedAt >= heardAt).toBe(true);
      const { observedAt } = backend.page.items[0];

      await cluster.api.startApi();
      await cluster.happen();
      await expectRight();
      expect(backend.page.items[0].observedAt > observedAt).toBe(true);
    });

    it('says that the cluster does not answer while etcd stands still', async () => {
      const before = backend.modules;
      cluster.api.pauseEtcd();
      try {
        await until(() => backend.problem !== undefined);
        expect(backend.problem).toMatch(/^CLUSTER_/);
        expect(backend.modules).toEqual(before);
      } finally {
        cluster.api.resumeEtcd();
      }
      await until(() => backend.problem === undefined);
      await cluster.happen();
      await expectRight();
    });

    it('says that it lost the right to list while its watch goes on', async () => {
      const before = backend.modules;
      await cluster.withdraw();
      await expectProblem('CLUSTER_FORBIDDEN', before);

      await cluster.happen();
      await cluster.grant();
      await expectRight();
      expect(backend.modules).not.toEqual(before);
    });

    it('loses nothing where its token was revoked and the version to go on from compacted away', async () => {
      const before = backend.modules;
      cluster.line.fault = ({ response }) => response.destroy();
      cluster.line.cut();
      await expectProblem('CLUSTER_UNREACHABLE', before);
      await cluster.happen();
      await cluster.compact();
      await cluster.revokeTokens();
      await cluster.restart();
      cluster.line.heal();
      await until(() => backend.problem === 'CLUSTER_UNAUTHENTICATED');
      expect(backend.modules).toEqual(before);

      file.connect(await cluster.connection());
      await expectRight();
    });

    it.each([3 * HOUR, -3 * HOUR])(
      'tells ages by the clock of the cluster, which is %d ms ahead',
      async aheadMs => {
        await backend.stop();
        cluster.line.fault = exchange => shiftTime(exchange, aheadMs);
        backend = await plugin!.Backend.start(file);
        await cluster.happen();
        await expectRight();

        const { items, answeredAt } = backend.page;
        for (const { module, clusterAheadMs, observedAt } of items) {
          expect(Math.abs(clusterAheadMs! - aheadMs)).toBeLessThan(5_000);
          const created = Date.parse(module.metadata.creationTimestamp!);
          const clusterNow = Date.parse(answeredAt!) + clusterAheadMs!;
          // Made for this test, and not in the future.
          expect(clusterNow - created).toBeGreaterThan(-5_000);
          expect(clusterNow - created).toBeLessThan(90_000);
          expect(Date.parse(answeredAt!)).toBeGreaterThanOrEqual(
            Date.parse(observedAt),
          );
        }
      },
    );

    it('asks no more than it is told to', async () => {
      await cluster.change('stays');
      await expectRight();
      expect(backend.loads).toBe(1 + backend.signals.length);
    });
  },
);
