import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { call } from '../testing/apiClient';
import {
  MODULES,
  wasmModule,
  Writer,
  type Connection,
} from './__fixtures__/Writer';
import type { KubernetesObject } from './ObjectStore';
import { VersionedObjects } from './persistence/VersionedObjects';
import { startKubernetesApi, type KubernetesApi } from './startKubernetesApi';

const KILLS = 3;
const WRITERS = 3;

describe('a Kubernetes API that is killed', () => {
  let directory: string;
  let child: ChildProcess | undefined;
  let api: KubernetesApi | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await api?.close();
    api = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  const startProcess = async (): Promise<Connection> => {
    child = spawn(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        join(__dirname, '__fixtures__', 'apiProcess.ts'),
        directory,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = await once(createInterface(child.stdout!), 'line');
    return JSON.parse(line);
  };
  const kill = async () => {
    const exited = once(child!, 'exit');
    child!.kill('SIGKILL');
    await exited;
  };
  const start = async () => {
    api = await startKubernetesApi({
      directory,
      port: 0,
      // eslint-disable-next-line no-empty-function
      logSource: { async *read() {} },
    });
    return api;
  };

  it('has every acknowledged write and no half of another, and never goes back to a version', async () => {
    const writers = Array.from(
      { length: WRITERS },
      (_, n) => new Writer(`w${n}`),
    );
    let highest = 0;

    for (let killed = 0; killed < KILLS; killed += 1) {
      const connection = await startProcess();
      const { body } = await call(connection, 'GET', MODULES);
      const version = Number(body.metadata.resourceVersion);
      expect(version).toBeGreaterThanOrEqual(highest);
      for (const writer of writers) {
        writer.expectIn(body.items);
      }

      let left = randomInt(5, 40);
      let lowest = Infinity;
      // eslint-disable-next-line no-loop-func
      await new Promise<void>((enough, failed) => {
        for (const writer of writers) {
          writer
            // eslint-disable-next-line no-loop-func
            .writeUntil(connection, acknowledged => {
              lowest = Math.min(lowest, acknowledged);
              highest = Math.max(highest, acknowledged);
              left -= 1;
              if (left === 0) {
                enough();
              }
              return left > -WRITERS;
            })
            .catch(failed);
        }
      });
      await kill();
      expect(lowest).toBeGreaterThan(version);
      await Promise.all(writers.map(writer => writer.ended));
    }

    const { store } = await start();
    const left = store.list<KubernetesObject>('wasmmodules', 'default');
    for (const writer of writers) {
      writer.expectIn(left);
    }
  }, 300_000);

  it('ends the removal of a namespace that was not over', async () => {
    const before = await start();
    before.store.create('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'going' },
    });
    for (const name of ['one', 'two']) {
      before.store.create('wasmmodules', {
        ...wasmModule(name, 'example/one'),
        metadata: { name, namespace: 'going' },
      });
    }
    const going = before.store.get('namespaces', '', 'going')!;
    await before.close();
    writeFirstStep(directory, objects =>
      objects.put(
        { resource: 'namespaces', namespace: '', name: 'going' },
        {
          ...going,
          metadata: {
            ...going.metadata,
            deletionTimestamp: '2026-01-01T00:00:00Z',
          },
        },
      ),
    );

    const { store } = await start();
    expect([
      store.get('namespaces', '', 'going'),
      store.list('wasmmodules', 'going'),
    ]).toEqual([undefined, []]);
  });

  it('ends the removal of the objects of a kind that was removed', async () => {
    const before = await start();
    before.store.create('wasmmodules', wasmModule('one', 'example/one'));
    await before.close();
    writeFirstStep(directory, objects =>
      objects.remove({
        resource: 'customresourcedefinitions.apiextensions.k8s.io',
        namespace: '',
        name: 'wasmmodules.wasm.serving.knative.dev',
      }),
    );

    const { store } = await start();
    expect(store.list('wasmmodules')).toEqual([]);
  });

  it('keeps the objects of a kind that is not served for now', async () => {
    const before = await start();
    const one = before.store.create(
      'wasmmodules',
      wasmModule('one', 'example/one'),
    );
    const definitions = 'customresourcedefinitions';
    const [definition] = before.store.list<
      KubernetesObject & { spec: { versions: object[] } }
    >(definitions);
    await before.close();
    writeFirstStep(directory, objects =>
      objects.put(
        {
          resource: `${definitions}.apiextensions.k8s.io`,
          namespace: '',
          name: definition.metadata.name,
        },
        {
          ...definition,
          spec: {
            ...definition.spec,
            versions: definition.spec.versions.map(version => ({
              ...version,
              served: false,
            })),
          },
        } as KubernetesObject,
      ),
    );

    const { store } = await start();
    expect(store.get('wasmmodules', 'default', 'one')).toEqual(one);
  });
});

/** What the killed process had written of something that takes several steps. */
function writeFirstStep(
  directory: string,
  step: (objects: VersionedObjects) => unknown,
): void {
  const objects = VersionedObjects.open(join(directory, 'objects'), {
    firstVersion: 1,
  });
  step(objects);
  objects.close();
}
