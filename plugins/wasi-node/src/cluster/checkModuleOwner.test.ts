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

const owner = { entityRef: 'component:default/pay', kubernetesId: 'pay' };

describe('a module may be changed', () => {
  it('by the entity that its annotation names, in any case of letters', () => {
    expect(() =>
      checkModuleOwner(
        wasmModule({
          annotations: { 'backstage.io/entity-ref': 'Component:Default/Pay' },
        }),
        owner,
      ),
    ).not.toThrow();
  });

  it('without that annotation, by the entity whose Kubernetes id it is labelled with', () => {
    expect(() =>
      checkModuleOwner(
        wasmModule({ labels: { 'backstage.io/kubernetes-id': 'pay' } }),
        owner,
      ),
    ).not.toThrow();
  });
});

describe('a module must not be changed', () => {
  it.each([
    {
      why: 'by another entity, even with the right label',
      metadata: {
        annotations: { 'backstage.io/entity-ref': 'component:default/bank' },
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
      by: owner,
    },
    {
      why: 'with an empty annotation',
      metadata: {
        annotations: { 'backstage.io/entity-ref': '' },
        labels: { 'backstage.io/kubernetes-id': 'pay' },
      },
      by: owner,
    },
    {
      why: 'where it has neither annotation nor label',
      metadata: {},
      by: owner,
    },
    {
      why: 'with the label of another entity',
      metadata: { labels: { 'backstage.io/kubernetes-id': 'bank' } },
      by: owner,
    },
    {
      why: 'by an entity of which no Kubernetes id is known',
      metadata: {},
      by: { entityRef: 'component:default/pay' },
    },
  ])('$why', ({ metadata, by }) => {
    expect(() => checkModuleOwner(wasmModule(metadata), by)).toThrow(
      expect.objectContaining({
        code: 'MODULE_OWNED_BY_OTHER',
        name: 'ConflictError',
      }),
    );
  });
});
