import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { call, type Answer } from '../testing/apiClient';
import type { KubernetesObject } from './ObjectStore';
import { VersionedObjects } from './persistence/VersionedObjects';
import { startKubernetesApi, type KubernetesApi } from './startKubernetesApi';

const MODULES =
  '/apis/wasm.serving.knative.dev/v1alpha1/namespaces/default/wasmmodules';
const KILLS = 4;
const WRITERS = 3;
/** Some forty writes of this size make the log long enough to be put into a snapshot. */
const WRITE_BYTES = 200_000;

type Connection = Parameters<typeof call>[0];

const wasmModule = (name: string, image: string) => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { name, namespace: 'default' },
  spec: { image },
});

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
      await new Promise<void>((enough, failed) => {
        for (const writer of writers) {
          writer
            .writeUntil(connection, acknowledged => {
              expect(acknowledged).toBeGreaterThan(version);
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

/** Writes one object over and over, and knows what it must be found as. */
class Writer {
  ended: Promise<void> = Promise.resolve();
  private acknowledged?: Answer;
  /** What was sent without an answer; null for a removal. */
  private sent?: object | null;
  private count = 0;

  constructor(private readonly name: string) {}

  /** Goes on until the connection breaks or `wantsMore` says no. */
  writeUntil(
    connection: Connection,
    wantsMore: (acknowledgedVersion: number) => boolean,
  ): Promise<void> {
    const loop = async () => {
      for (;;) {
        let answer;
        try {
          answer = await this.writeOnce(connection);
        } catch {
          // Killed: what became of the write is seen after the next start.
          return;
        }
        expect(answer.code).toBeLessThan(300);
        const { kind, metadata } = answer.body;
        this.acknowledged = kind === 'Status' ? undefined : answer.body;
        this.sent = undefined;
        if (
          metadata.resourceVersion &&
          !wantsMore(Number(metadata.resourceVersion))
        ) {
          return;
        }
      }
    };
    this.ended = loop();
    return this.ended;
  }

  /** Found as it was acknowledged, or as it was sent; and as one of them from now on. */
  expectIn(items: Answer[]): void {
    const found = items.find(item => item.metadata.name === this.name);
    if (this.sent === null && !found) {
      this.acknowledged = undefined;
    } else if (this.sent && isSame(found?.spec, this.sent)) {
      this.acknowledged = found;
    } else {
      expect(found && withoutKind(found)).toEqual(
        this.acknowledged && withoutKind(this.acknowledged),
      );
    }
    this.sent = undefined;
  }

  private writeOnce(connection: Connection) {
    this.count += 1;
    const image = `example/${this.name}:${this.count}`;
    const spec = { image, args: [image.padEnd(WRITE_BYTES, '.')] };
    if (!this.acknowledged) {
      this.sent = spec;
      return call(connection, 'POST', MODULES, {
        body: { ...wasmModule(this.name, image), spec },
      });
    }
    if (this.count % 7 === 0) {
      this.sent = null;
      return call(connection, 'DELETE', `${MODULES}/${this.name}`);
    }
    this.sent = spec;
    return call(connection, 'PATCH', `${MODULES}/${this.name}`, {
      contentType: 'application/merge-patch+json',
      body: { spec },
    });
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Items of a list may name no kind. */
function withoutKind({ apiVersion: _version, kind: _kind, ...rest }: Answer) {
  return rest;
}
