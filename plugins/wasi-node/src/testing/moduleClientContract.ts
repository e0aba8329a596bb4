/* eslint-disable jest/no-export -- not a test file: the tests of each cluster run this */
import type {
  WasmModule,
  WasmModuleStatus,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  deployModule,
  type ModuleName,
  type ModuleWatchEvent,
  type WasmModuleClient,
} from '../cluster';
import { waitForModule } from '../wait';

/** A cluster that the contract is checked against; it has the namespace `default`. @public */
export interface ContractCluster {
  client: WasmModuleClient;
  /** Plays the controller. */
  setStatus(ref: ModuleName, status: WasmModuleStatus): Promise<void>;
  close(): Promise<void>;
}

const image = `localhost:5000/pay@sha256:${'a'.repeat(64)}`;
const otherImage = `localhost:5000/pay@sha256:${'b'.repeat(64)}`;

/**
 * Declares the tests that every cluster of modules must pass, the fake and the
 * real ones alike.
 *
 * @public
 */
export function describeModuleClientContract(
  name: string,
  start: () => Promise<ContractCluster>,
): void {
  describe(`WasmModules on ${name}`, () => {
    let cluster: ContractCluster;
    let client: WasmModuleClient;

    beforeAll(async () => {
      cluster = await start();
      client = cluster.client;
    });

    afterAll(async () => {
      await cluster?.close();
    });

    function wasmModule(
      moduleName: string,
      labels?: Record<string, string>,
    ): WasmModule {
      return {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: moduleName, namespace: 'default', labels },
        spec: { image },
      };
    }

    const refOf = (moduleName: string) => ({
      namespace: 'default',
      name: moduleName,
    });

    it('are created once', async () => {
      const created = await client.create(wasmModule('create'));

      expect(created).toMatchObject({
        metadata: {
          name: 'create',
          namespace: 'default',
          generation: 1,
          uid: expect.any(String),
          resourceVersion: expect.stringMatching(/^\d+$/),
        },
        spec: { image },
      });
      await expect(client.get(refOf('create'))).resolves.toEqual(created);
      await expect(client.create(wasmModule('create'))).rejects.toMatchObject({
        code: 'MODULE_EXISTS',
      });
    });

    it('that are not there are not found, by any verb', async () => {
      const notFound = { code: 'MODULE_NOT_FOUND' };
      const gone = refOf('gone');

      await expect(client.get(gone)).rejects.toMatchObject(notFound);
      await expect(client.patch(gone, {})).rejects.toMatchObject(notFound);
      await expect(client.delete(gone)).rejects.toMatchObject(notFound);
    });

    it('have names that Kubernetes knows', async () => {
      const refused = { code: 'NAME_INVALID' };
      const odd = { namespace: '../kube-system', name: 'odd' };

      await expect(
        client.create({ ...wasmModule('odd'), metadata: odd }),
      ).rejects.toMatchObject(refused);
      await expect(client.get(odd)).rejects.toMatchObject(refused);
    });

    it('are listed by namespace, name and label', async () => {
      await client.create(wasmModule('list-a', { contract: 'list' }));
      await client.create(
        wasmModule('list-b', { contract: 'list', tier: 'x' }),
      );
      const names = async (
        selection: Parameters<WasmModuleClient['list']>[0],
      ) =>
        (await client.list(selection)).items.map(
          ({ metadata }) => metadata.name,
        );

      expect(await names({ labelSelector: 'contract=list' })).toEqual([
        'list-a',
        'list-b',
      ]);
      expect(await names({ labelSelector: 'contract=list,!tier' })).toEqual([
        'list-a',
      ]);
      expect(await names({ namespace: 'default', name: 'list-b' })).toEqual([
        'list-b',
      ]);
      expect(await names({ namespace: 'elsewhere' })).toEqual([]);
    });

    it('are replaced only by who has seen the newest version', async () => {
      const created = await client.create(wasmModule('replace'));
      const changed = { ...created, spec: { image: otherImage } };

      await expect(client.replace(changed)).resolves.toMatchObject({
        metadata: { generation: 2 },
        spec: { image: otherImage },
      });
      await expect(client.replace(changed)).rejects.toMatchObject({
        code: 'MODULE_CONFLICT',
      });
    });

    it('are patched by merging', async () => {
      await client.create(wasmModule('patch', { keep: '1', drop: '1' }));

      const patched = await client.patch(refOf('patch'), {
        metadata: { labels: { drop: null } },
        spec: { args: ['a'] },
      });

      expect(patched).toMatchObject({
        metadata: { generation: 2 },
        spec: { image, args: ['a'] },
      });
      expect(patched.metadata.labels).toEqual({ keep: '1' });
    });

    it('are patched as they were read, and not once they have changed', async () => {
      const { metadata } = await client.create(wasmModule('read'));
      const { resourceVersion } = metadata;
      await client.patch(refOf('read'), { spec: { args: ['quicker'] } });

      const late = { metadata: { resourceVersion }, spec: { args: ['late'] } };
      for (const dryRun of [true, false]) {
        await expect(
          client.patch(refOf('read'), late, { dryRun }),
        ).rejects.toMatchObject({ code: 'MODULE_CONFLICT' });
      }
    });

    it('are applied again without a trace', async () => {
      const first = await client.apply(wasmModule('apply'));
      const second = await client.apply(wasmModule('apply'));
      const third = await client.apply({
        ...wasmModule('apply'),
        spec: { image: otherImage },
      });

      expect(second.metadata.resourceVersion).toBe(
        first.metadata.resourceVersion,
      );
      expect(third.metadata.generation).toBe(2);
    });

    it('are only checked on a dry run', async () => {
      await client.create(wasmModule('dry'), { dryRun: true });
      await client.apply(wasmModule('dry'), { dryRun: true });
      await expect(client.get(refOf('dry'))).rejects.toMatchObject({
        code: 'MODULE_NOT_FOUND',
      });

      const created = await client.create(wasmModule('dry'));
      await client.patch(
        refOf('dry'),
        { spec: { args: ['a'] } },
        { dryRun: true },
      );
      await client.delete(refOf('dry'), { dryRun: true });
      await expect(client.get(refOf('dry'))).resolves.toEqual(created);
    });

    it('are deleted only if they are those that were looked at', async () => {
      const { metadata } = await client.create(wasmModule('delete'));

      await expect(
        client.delete(refOf('delete'), { uid: 'another' }),
      ).rejects.toMatchObject({ code: 'MODULE_CONFLICT' });
      await client.delete(refOf('delete'), { uid: metadata.uid });
      await expect(client.get(refOf('delete'))).rejects.toMatchObject({
        code: 'MODULE_NOT_FOUND',
      });
    });

    it('are watched from a list on, without a gap', async () => {
      const { resourceVersion } = await client.list();
      await client.create(wasmModule('watch', { contract: 'watch' }));
      const seen: string[] = [];
      const abort = new AbortController();

      try {
        for await (const event of client.watch({
          resourceVersion,
          labelSelector: 'contract=watch',
          signal: abort.signal,
        })) {
          seen.push(nameOf(event));
          if (event.type === 'ADDED') {
            await client.patch(refOf('watch'), { spec: { args: ['a'] } });
          } else if (event.type === 'MODIFIED') {
            await client.delete(refOf('watch'));
          } else if (event.type === 'DELETED') {
            break;
          }
        }
      } finally {
        abort.abort();
      }

      expect(seen.filter(text => text !== 'BOOKMARK')).toEqual([
        'OPENED',
        'ADDED watch',
        'MODIFIED watch',
        'DELETED watch',
      ]);
    });

    it('are deployed, and waited for until they are ready', async () => {
      const deploy = () =>
        deployModule({
          client,
          module: wasmModule('wait'),
          entityRef: 'component:default/wait',
        });
      const { generation, changed } = await deploy();
      const waited = waitForModule({
        client,
        ref: refOf('wait'),
        generation,
        timeoutMs: 60_000,
      });

      await cluster.setStatus(refOf('wait'), {
        observedGeneration: generation,
        address: { url: 'http://wait.example.com' },
        conditions: [{ type: 'Ready', status: 'True' }],
      });

      await expect(waited).resolves.toMatchObject({
        status: { address: { url: 'http://wait.example.com' } },
      });
      expect(changed).toBe(true);
      await expect(deploy()).resolves.toMatchObject({ changed: false });
    });

    it('go to one of two entities that deploy a name at once, wholly', async () => {
      const entities = ['component:default/one', 'component:default/two'];
      const deploys = Array.from({ length: 20 }, (_, index) => ({
        entityRef: entities[index % 2],
        // Force takes fields from tools, never a module from its owner.
        force: index > 9,
      }));
      const ends = await Promise.allSettled(
        deploys.map(({ entityRef, force }) =>
          deployModule({
            client,
            module: {
              ...wasmModule('race', { of: entityRef.slice(-3) }),
              spec: { image, args: [entityRef] },
            },
            entityRef,
            force,
          }),
        ),
      );

      const { metadata, spec } = await client.get(refOf('race'));
      const winner = metadata.annotations!['backstage.io/entity-ref'];
      expect(entities).toContain(winner);
      expect({ labels: metadata.labels, args: spec.args }).toEqual({
        labels: { of: winner.slice(-3) },
        args: [winner],
      });
      deploys.forEach(({ entityRef }, index) =>
        expect(ends[index]).toMatchObject(
          entityRef === winner
            ? { status: 'fulfilled', value: { generation: 1 } }
            : {
                status: 'rejected',
                reason: {
                  code: 'MODULE_OWNED_BY_OTHER',
                  message: `WasmModule default/race belongs to ${winner}, not to ${entityRef}.`,
                },
              },
        ),
      );
    }, 60_000);

    it('of one entity are deployed twice at once without harm, and can lose what they had', async () => {
      const deploy = (args?: string[]) =>
        deployModule({
          client,
          module: { ...wasmModule('twice'), spec: { image, args } },
          entityRef: 'component:default/twice',
        });

      const both = await Promise.all([deploy(['a']), deploy(['a'])]);
      const last = await deploy();

      expect(both.map(({ generation }) => generation)).toEqual([1, 1]);
      expect(last).toMatchObject({ generation: 2, changed: true });
      expect((await client.get(refOf('twice'))).spec).toEqual({ image });
    });

    it('have no events and no logs before anything ran', async () => {
      await client.create(wasmModule('quiet'));

      await expect(client.events(refOf('quiet'))).resolves.toEqual([]);
      await expect(client.logs(refOf('quiet'))).resolves.toEqual([]);
    });
  });
}

function nameOf(event: ModuleWatchEvent): string {
  return 'module' in event
    ? `${event.type} ${event.module.metadata.name}`
    : event.type;
}
