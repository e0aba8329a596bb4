import type { WasmModuleSpec } from '@wasi-functions/backstage-plugin-wasi-common';
import { checkSpec } from './checkSpec';
import { RunnerFailure } from './RunnerFailure';

const WEBHOOK =
  'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: ';

function refusal(
  spec: Partial<WasmModuleSpec>,
  annotations: Record<string, string> = {},
  options = { isNew: true },
) {
  try {
    checkSpec(
      {
        apiVersion: 'wasm.serving.knative.dev/v1alpha1',
        kind: 'WasmModule',
        metadata: { name: 'fn', namespace: 'default', annotations },
        spec: { image: 'registry.example/fn:v1', ...spec },
      },
      options,
    );
    return undefined;
  } catch (error) {
    return error instanceof RunnerFailure
      ? `${error.kind}: ${error.message}`
      : error;
  }
}

const volume = { name: 'v', emptyDir: {} };
const mount = { name: 'v', mountPath: '/v' };

describe('checkSpec', () => {
  it('takes the four kinds of volume that Knative allows', () => {
    expect(
      refusal({
        env: [{ name: 'A', value: 'b' }],
        volumes: [
          volume,
          { name: 's', secret: { secretName: 's' } },
          { name: 'c', configMap: { name: 'c' } },
          { name: 'p', projected: { sources: [] } },
        ],
        volumeMounts: ['v', 's', 'c', 'p'].map(name => ({
          name,
          mountPath: `/${name}`,
        })),
      }),
    ).toBeUndefined();
  });

  it.each<{
    what: string;
    spec: Partial<WasmModuleSpec>;
    annotations?: Record<string, string>;
    says: string;
  }>([
    {
      what: 'env from a ConfigMap',
      spec: {
        env: [
          {
            name: 'A',
            valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } },
          },
        ],
      },
      says: 'failed to build runner config: env var A: valueFrom is not yet supported',
    },
    {
      what: 'a mount without its volume',
      spec: { volumeMounts: [mount] },
      says: 'failed to build runner config: volume mount /v references v: undefined volume reference',
    },
    {
      what: 'a volume that is not mounted',
      spec: { volumes: [volume] },
      says: `${WEBHOOK}volume with name "v" not mounted: spec.template.spec.volumes[0].name`,
    },
    {
      what: 'a persistent volume claim',
      spec: {
        volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
        volumeMounts: [mount],
      },
      says: `${WEBHOOK}Persistent volume claim support is disabled, but found persistent volume claim data: \nPersistent volume write support is disabled, but found persistent volume claim data that is not read-only: \nmust not set the field(s): spec.template.spec.volumes[0].persistentVolumeClaim`,
    },
    {
      what: 'a kind of volume that it does not know',
      spec: { volumes: [{ name: 'v', nfs: {} }], volumeMounts: [mount] },
      says: `${WEBHOOK}must not set the field(s): spec.template.spec.volumes[0].nfs`,
    },
    {
      what: 'a reserved mount path',
      spec: {
        volumes: [volume],
        volumeMounts: [{ name: 'v', mountPath: '/dev/' }],
      },
      says: `${WEBHOOK}mountPath "/dev" is a reserved path: spec.template.spec.containers[0].volumeMounts[0].mountPath`,
    },
    {
      what: 'two mounts at one path',
      spec: { volumes: [volume], volumeMounts: [mount, mount] },
      says: 'Service.serving.knative.dev "fn" is invalid: spec.template.spec.containers[0].volumeMounts[1]: Duplicate value: {"mountPath":"/v"}',
    },
    {
      what: 'two mounts at one path, written in two ways',
      spec: {
        volumes: [volume],
        volumeMounts: [mount, { ...mount, mountPath: '/v/' }],
      },
      says: `${WEBHOOK}"/v/" must be unique: spec.template.spec.containers[0].volumeMounts[1].mountPath`,
    },
    {
      what: 'a mount field that Knative does not take',
      spec: {
        volumes: [volume],
        volumeMounts: [{ ...mount, mountPropagation: 'None' }],
      },
      says: `${WEBHOOK}Volume Mount Propagation support is disabled, but found volume mount v with mount propagation: \nmust not set the field(s): spec.template.spec.containers[0].volumeMounts[0].mountPropagation`,
    },
    {
      what: 'an autoscaling annotation',
      spec: {},
      annotations: { 'autoscaling.knative.dev/min-scale': '1' },
      says: `${WEBHOOK}invalid key name "autoscaling.knative.dev/min-scale": metadata.annotations\nautoscaling annotations must be put under "spec.template.metadata.annotations" to work`,
    },
  ])('refuses $what', ({ spec, annotations, says }) => {
    expect(refusal(spec, annotations)).toBe(`refused: ${says}`);
  });

  it('leaves what goes to Knative with the first version alone at the next ones', () => {
    expect(
      refusal(
        {},
        { 'autoscaling.knative.dev/min-scale': '1' },
        { isNew: false },
      ),
    ).toBeUndefined();
  });
});
