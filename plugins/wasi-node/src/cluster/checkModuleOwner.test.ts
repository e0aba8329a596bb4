import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { checkModuleOwner } from './checkModuleOwner';

function wasmModule(metadata: Partial<WasmModule['metadata']>): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name: 'pay', namespace: 'shop', ...metadata },
    spec: { image: 'x' },
  };
}

const pay = 'component:default/pay';

it('a module may be changed by the entity that its annotation names, in any case of letters', () => {
  expect(() =>
    checkModuleOwner(
      wasmModule({
        annotations: { 'backstage.io/entity-ref': 'Component:Default/Pay' },
      }),
      pay,
    ),
  ).not.toThrow();
});

describe('a module must not be changed', () => {
  it.each([
    {
      why: 'by another entity, even with the right label',
      metadata: {
        annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
      says: 'belongs to component:default/bank, not to component:default/pay',
    },
    {
      why: 'with an empty annotation',
      metadata: {
        annotations: { 'backstage.io/entity-ref': '' },
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
      says: 'not to component:default/pay',
    },
    {
      why: 'with the label of the entity alone: anybody may write that',
      metadata: { labels: { 'backstage.io/kubernetes-id': 'pay' } },
      says: 'it has no annotation backstage.io/entity-ref',
    },
    {
      why: 'where it has neither annotation nor label',
      metadata: {},
      says: 'it has no annotation backstage.io/entity-ref',
    },
  ])('$why', ({ metadata, says }) => {
    expect(() => checkModuleOwner(wasmModule(metadata), pay)).toThrow(
      expect.objectContaining({
        code: 'MODULE_OWNED_BY_OTHER',
        name: 'ConflictError',
        message: expect.stringContaining(says),
      }),
    );
  });
});
