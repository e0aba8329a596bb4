import {
  deriveHealth,
  type ModuleEvent,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { ClusterCompanions } from './ClusterCompanions';
import { ClusterModules } from './ClusterModules';

const name = { namespace: 'shop', name: 'pay' };

const wasmModule = (generation: number): WasmModule => ({
  apiVersion: 'wasm.serving.knative.dev/v1alpha1',
  kind: 'WasmModule',
  metadata: {
    ...name,
    uid: 'u-1',
    generation,
    resourceVersion: String(generation),
    managedFields: [{ manager: 'x', time: '2026-01-01T12:00:00Z' }],
  },
  spec: { image: 'localhost:5000/pay' },
  status: {
    observedGeneration: generation,
    conditions: [
      { type: 'Ready', status: 'False', reason: 'ServiceUnavailable' },
    ],
  },
});

describe('a controller whose clock is wrong', () => {
  let uptime: number;
  let modules: ClusterModules;
  let companions: ClusterCompanions;

  beforeEach(() => {
    uptime = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => uptime);
    modules = new ClusterModules('prod');
    companions = new ClusterCompanions({
      cluster: 'prod',
      isModule: key => modules.has(key),
    });
    modules.apply(
      {
        type: 'LISTED',
        list: { items: [wasmModule(1)], rejected: [], resourceVersion: '1' },
      },
      new Date(),
    );
    companions.apply('events', { type: 'ALIVE' });
  });

  afterEach(() => jest.restoreAllMocks());

  function changeAfter(ms: number): void {
    uptime += ms;
    modules.apply({ type: 'CHANGED', module: wasmModule(2) }, new Date());
  }

  function refuseAfter(ms: number, lastSeen: string): void {
    uptime += ms;
    const event: ModuleEvent = {
      type: 'Warning',
      reason: 'InternalError',
      message: 'services "pay" is forbidden: exceeded quota: small',
      count: 1,
      lastSeen,
    };
    companions.apply('events', {
      type: 'CHANGED',
      kept: { ...name, id: 'e-1', tells: { event } },
    });
  }

  function state(): string {
    const { module, changedAt } = modules.get(name)!;
    const { events, eventOrder } = companions.of({
      ...name,
      changeHeardAt: modules.changeHeardAt(name),
    });
    return deriveHealth(module, { events, eventOrder, changedAt }).state;
  }

  it.each(['2026-01-01T11:00:00Z', '2026-01-01T13:00:00Z'])(
    'is heard where it refuses the last change, and says %s',
    lastSeen => {
      changeAfter(10_000);
      refuseAfter(10_000, lastSeen);
      expect(state()).toBe('failed');
    },
  );

  it.each(['2026-01-01T11:00:00Z', '2026-01-01T13:00:00Z'])(
    'is not heard of what it refused before, and says %s',
    lastSeen => {
      refuseAfter(10_000, lastSeen);
      changeAfter(10_000);
      expect(state()).toBe('progressing');
    },
  );

  it('is believed of what nobody heard as it happened', () => {
    changeAfter(10_000);
    companions.apply('events', { type: 'ALIVE' });
    refuseAfter(100, '2026-01-01T11:00:00Z');
    expect(state()).toBe('progressing');
  });
});
