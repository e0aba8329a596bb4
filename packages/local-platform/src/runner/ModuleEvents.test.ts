import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { KubernetesObject, ObjectStore } from '../kubernetes';
import { recordEvent } from './ModuleEvents';

const moduleOf = (uid: string): WasmModule => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: { name: 'fn', namespace: 'shop', uid },
  spec: { image: 'registry.example/fn:v1' },
});

function createStore() {
  const events = new Map<string, KubernetesObject>();
  const store: Pick<ObjectStore, 'get' | 'create' | 'update'> = {
    get: <T>(_: string, __: string, name: string) =>
      events.get(name) as T | undefined,
    create: (_, object) => {
      events.set(object.metadata.name!, object);
      return object;
    },
    update: () => {
      throw new Error('The controller may not change events.');
    },
  };
  return { store: store as ObjectStore, events };
}

describe('events of a module', () => {
  it('tell the same but once, as those of a controller that may only create them', () => {
    const { store, events } = createStore();
    const told = { reason: 'InternalError', message: 'no', now: new Date(0) };

    recordEvent(store, moduleOf('a'), told);
    recordEvent(store, moduleOf('a'), { ...told, now: new Date(9_000) });
    recordEvent(store, moduleOf('a'), { ...told, message: 'something else' });
    recordEvent(store, moduleOf('b'), told);

    expect(
      [...events.values()].map(event => ({
        message: Reflect.get(event, 'message'),
        count: Reflect.get(event, 'count'),
        at: Reflect.get(event, 'lastTimestamp'),
      })),
    ).toEqual([
      { message: 'no', count: 1, at: '1970-01-01T00:00:00Z' },
      { message: 'something else', count: 1, at: '1970-01-01T00:00:00Z' },
      { message: 'no', count: 1, at: '1970-01-01T00:00:00Z' },
    ]);
  });
});
