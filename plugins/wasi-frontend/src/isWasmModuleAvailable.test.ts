import type { Entity } from '@backstage/catalog-model';
import { filterPredicateToFilterFunction } from '@backstage/filter-predicates';
import { wasmEntityFilter } from './extensions/wasmEntityFilter';
import { isWasmModuleAvailable } from './isWasmModuleAvailable';

function entity(options: {
  type?: string;
  annotations?: Record<string, string>;
}): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'hello', annotations: options.annotations },
    spec: { type: options.type },
  };
}

const matches = filterPredicateToFilterFunction(wasmEntityFilter);

describe('the condition for tab and card', () => {
  it.each([
    {
      what: 'an entity that names its module',
      subject: entity({
        annotations: { 'wasm.serving.knative.dev/module': 'hello' },
      }),
      shown: true,
    },
    {
      what: 'an entity with a func.yaml',
      subject: entity({
        annotations: { 'wasm.serving.knative.dev/func-yaml': './func.yaml' },
      }),
      shown: true,
    },
    {
      what: 'a wasm-function with a Kubernetes id',
      subject: entity({
        type: 'Wasm-Function',
        annotations: { 'backstage.io/kubernetes-id': 'hello' },
      }),
      shown: true,
    },
    {
      what: 'a wasi-function with a label selector',
      subject: entity({
        type: 'wasi-function',
        annotations: { 'backstage.io/kubernetes-label-selector': 'app=hello' },
      }),
      shown: true,
    },
    {
      what: 'a service with a Kubernetes id',
      subject: entity({
        type: 'service',
        annotations: { 'backstage.io/kubernetes-id': 'hello' },
      }),
      shown: false,
    },
    {
      what: 'an entity without annotations',
      subject: entity({ type: 'wasm-function' }),
      shown: false,
    },
  ])('is $shown for $what, in both frontend systems', ({ subject, shown }) => {
    expect(isWasmModuleAvailable(subject)).toBe(shown);
    expect(matches(subject)).toBe(shown);
  });
});
