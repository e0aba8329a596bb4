import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';

const RUNNER = 'ghcr.io/cardil/knative-serving-wasm/runner';

/** The stand-in's Service for a module: what matters to Knative of the real controller's. */
export function serviceOf({ metadata, spec }: WasmModule): Answer {
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: metadata.name, annotations: metadata.annotations },
    spec: {
      template: {
        spec: {
          containers: [
            {
              image: RUNNER,
              env: [
                { name: 'IMAGE', value: spec.image },
                { name: 'WASI_CONFIG', value: '{}' },
              ],
              volumeMounts: spec.volumeMounts,
              resources: spec.resources,
            },
          ],
          volumes: spec.volumes,
        },
      },
    },
  };
}
