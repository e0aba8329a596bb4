import { call } from '../testing/apiClient';
import { startLocalTarget } from '../testing/localTarget';
import { MODULES, wasmModule } from './__fixtures__/wasmModule';
import { type KubernetesObject } from '.';

describe('the object store', () => {
  let target: Awaited<ReturnType<typeof startLocalTarget>>;
  beforeEach(async () => {
    target = await startLocalTarget();
  });
  afterEach(() => target.close());

  it('tells what exists, then changes, also those that the listener makes', () => {
    const { store } = target.api;
    store.create('wasmmodules', wasmModule('one'));
    const seen: string[] = [];
    const end = store.watch('wasmmodules', ({ type, object }) => {
      const { status, metadata } = object as KubernetesObject & {
        status?: { observedGeneration: number };
      };
      seen.push(
        `${type} ${metadata.name} ${status?.observedGeneration ?? '-'}`,
      );
      if (type === 'ADDED') {
        store.update(
          'wasmmodules',
          {
            ...object,
            status: { observedGeneration: metadata.generation },
          } as KubernetesObject,
          { subresource: 'status', fieldManager: 'controller' },
        );
      }
    });
    store.create('wasmmodules', wasmModule('two'));
    store.delete('wasmmodules', 'default', 'one');
    end();
    store.delete('wasmmodules', 'default', 'two');
    expect(seen).toEqual([
      'ADDED one -',
      'MODIFIED one 1',
      'ADDED two -',
      'MODIFIED two 1',
      'DELETED one 1',
    ]);
  });

  it('hands out copies', () => {
    const { store } = target.api;
    const created = store.create('wasmmodules', wasmModule('one'));
    created.spec.image = 'changed';
    expect(
      store.get<typeof created>('wasmmodules', 'default', 'one')!.spec.image,
    ).toBe('example/one');
  });

  it('refuses a stale version as the API does', () => {
    const { store } = target.api;
    const one = store.create('wasmmodules', wasmModule('one'));
    store.update('wasmmodules', { ...one, spec: { image: 'example/two' } });
    expect(() => store.update('wasmmodules', one)).toThrow(
      expect.objectContaining({
        status: expect.objectContaining({ code: 409, reason: 'Conflict' }),
      }),
    );
  });

  it('goes on without a resource whose definition was deleted', async () => {
    const { store } = target.api;
    store.create('wasmmodules', wasmModule('one'));
    const path =
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/wasmmodules.wasm.serving.knative.dev';
    const definition = (await call(target, 'GET', path)).body;
    await call(target, 'DELETE', path);
    expect((await call(target, 'GET', MODULES)).code).toBe(404);
    expect(store.list('wasmmodules')).toEqual([]);
    const { metadata, spec } = definition;
    const recreated = await call(
      target,
      'POST',
      path.slice(0, path.lastIndexOf('/')),
      { body: { metadata: { name: metadata.name }, spec } },
    );
    expect(recreated.code).toBe(201);
    expect((await call(target, 'GET', MODULES)).body.items).toEqual([]);
  });
});
