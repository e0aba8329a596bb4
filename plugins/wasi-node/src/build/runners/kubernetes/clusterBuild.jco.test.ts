import { cp, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFuncYaml } from '@wasi-functions/backstage-plugin-wasi-common';
import { describeWithJco, SKELETONS } from '../../../__testUtils__/jco';
import { readWasiConfig } from '../../../config';
import { inspectModule } from '../../../inspect';
import { createModuleBuilder } from '../../createModuleBuilder';
import { createBuildRunner, createBuildToolchains } from '..';
import { sandboxWorks } from '../__testUtils__/usePlaces';
import { clusterConfig } from './__testUtils__/clusterConfig';
import {
  startFakeCluster,
  type FakeCluster,
} from './__testUtils__/startFakeCluster';

jest.setTimeout(120_000);

const describeWithJcoAndSandbox = sandboxWorks
  ? describeWithJco
  : (describe.skip as unknown as jest.Describe);

let directory: string;
let cluster: FakeCluster;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'cluster-build-')));
  cluster = await startFakeCluster();
});

afterEach(async () => {
  await cluster.close();
  await rm(directory, { recursive: true, force: true });
});

describeWithJcoAndSandbox(
  'a function that is built in a cluster (with jco, in a pod played by bubblewrap)',
  () => {
    it('is the module that it is elsewhere, and leaves no job', async () => {
      // A core module, for which definitions of the image's jco are needed here.
      await cp(
        join(SKELETONS, 'wat-wasi/module.wat'),
        join(directory, 'module.wat'),
      );
      const rootConfig = clusterConfig(cluster.url, { maxCacheBytes: 0 });
      const config = readWasiConfig(rootConfig);
      const toolchains = createBuildToolchains(config);
      const log: string[] = [];
      const built = await createModuleBuilder({
        config,
        toolchains,
        runner: createBuildRunner({ config, rootConfig }),
      }).build({
        directory,
        funcConfig: parseFuncYaml(
          'specVersion: 0.36.0\nname: hello\nruntime: wat-wasi\n',
        ).config!,
        log: line => log.push(line),
      });

      expect(await inspectModule(built.path)).toMatchObject({ entry: 'http' });
      expect(built.tools).toEqual({ image: 'registry.example/js@sha256:bb' });
      expect(log.join('\n')).toContain('Build in the cluster prod: builds/');
      expect((await readdir(directory)).sort()).toEqual([
        'module.wasm',
        'module.wat',
      ]);
      expect([...cluster.jobs.keys()]).toEqual([]);
    });
  },
);
