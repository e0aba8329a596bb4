import { readFixture } from '../__fixtures__/readFixture';
import { catalogue } from '../diagnosis';
import { deriveHealth } from './deriveHealth';
import { parseWasmModule } from './parseWasmModule';
import type { Condition, ModuleEvent, WasmModule } from './types';

const load = (state: string): WasmModule =>
  parseWasmModule(JSON.parse(readFixture(`wasmmodule.v1alpha1.${state}.json`)));

function internalError(
  message: string,
  lastSeen = '2026-04-02T10:00:31Z',
): ModuleEvent {
  return {
    type: 'Warning',
    reason: 'InternalError',
    message,
    count: 1,
    lastSeen,
  };
}

const valueFrom = 'env var DB_PASSWORD: valueFrom is not yet supported';

describe('deriveHealth', () => {
  it('calls a module ready with its address, and no code', () => {
    expect(deriveHealth(load('ready'))).toEqual({
      state: 'ready',
      message: 'The module is ready at http://orders.shop.example.com.',
    });
  });

  it.each([
    {
      fixture: 'not-observed',
      state: 'unknown',
      code: 'MODULE_NOT_OBSERVED',
      message: 'The controller has not looked at the module yet.',
    },
    {
      fixture: 'new-generation-not-observed',
      state: 'progressing',
      code: 'MODULE_NOT_OBSERVED',
      message: 'The controller has not looked at the last change yet.',
    },
    {
      fixture: 'reconcile-failed',
      state: 'progressing',
      reason: 'NewObservedGenFailure',
      code: 'MODULE_STARTING',
      message:
        'The controller is at work: unsuccessfully observed a new generation.',
    },
    {
      fixture: 'image-pull-failed',
      state: 'failed',
      reason: 'RevisionFailed',
      code: 'IMAGE_NOT_ANONYMOUS',
      message:
        'The module failed: the registry asks for a login, and the runner pulls without.',
    },
    {
      fixture: 'core-module',
      state: 'failed',
      reason: 'RevisionFailed',
      code: 'MODULE_IS_CORE',
      message:
        'The module failed: the file is a core module, and the runner takes components.',
    },
    {
      fixture: 'crash-without-cause',
      state: 'failed',
      reason: 'RevisionFailed',
      code: 'MODULE_REVISION_FAILED',
      message:
        'The module failed: Revision "orders-00001" failed with message: Container failed with: Error: something new\n.',
    },
    {
      fixture: 'progress-deadline',
      state: 'failed',
      reason: 'ProgressDeadlineExceeded',
      code: 'MODULE_REVISION_FAILED',
      message:
        'The module failed: ReplicaSet "orders-00002-deployment-7d9f" has timed out progressing. The version before it may still answer.',
    },
    {
      fixture: 'deleting',
      state: 'progressing',
      code: 'MODULE_DELETING',
      message: 'The module is being deleted.',
    },
    {
      fixture: 'ready-other-condition-false',
      state: 'degraded',
      reason: 'Evicted',
      code: 'MODULE_UNKNOWN_CONDITION',
      message:
        'The module is ready, but ModuleLoaded is false: The compiled module was evicted.',
    },
  ] as const)('calls $fixture $state', ({ fixture, ...expected }) => {
    expect(deriveHealth(load(fixture))).toEqual({
      ...expected,
      remedy: catalogue[expected.code].remedy,
    });
  });

  it('tells to raise the memory limit where the runner was killed', () => {
    expect(deriveHealth(load('out-of-memory'))).toEqual({
      state: 'failed',
      reason: 'RevisionFailed',
      code: 'MODULE_OUT_OF_MEMORY',
      message: 'The module failed: the runner was killed for lack of memory.',
      remedy:
        'Raise `deploy.options.resources.limits.memory`; compiling takes more than running.',
    });
  });

  it('R6: needs no condition other than Ready', () => {
    const module = load('ready');
    expect(module.status?.conditions?.map(({ type }) => type)).toEqual([
      'Ready',
    ]);
    expect(deriveHealth(module).state).toBe('ready');
  });

  it('R6: renders conditions that it does not know, and heeds their severity', () => {
    const module = load('ready');
    module.status?.conditions?.push(
      { type: 'ModuleLoaded', status: 'True', reason: 'CompiledAndCached' },
      { type: 'Cached', status: 'False', severity: 'Info', reason: 'Cold' },
      { type: 'Warm', status: 'Unknown' },
    );
    expect(deriveHealth(module).state).toBe('ready');
  });

  it('R15: takes "wasn\'t found" for a start as long as no event tells a cause', () => {
    expect(deriveHealth(load('service-unavailable'))).toEqual({
      state: 'progressing',
      reason: 'ServiceUnavailable',
      code: 'MODULE_STARTING',
      message: 'The module is starting: its Knative Service is not ready yet.',
      remedy: 'Wait for it to become ready.',
    });
    const normal: ModuleEvent[] = [
      {
        type: 'Warning',
        reason: 'InsecureRegistry',
        message: 'Image "x" will be fetched over plain HTTP',
        count: 4,
      },
      { type: 'Normal', reason: 'InternalError', message: valueFrom, count: 1 },
    ];
    expect(
      deriveHealth(load('service-unavailable'), { events: normal }).state,
    ).toBe('progressing');
  });

  it('R15: names the cause that only the event tells', () => {
    expect(
      deriveHealth(load('value-from'), { events: [internalError(valueFrom)] }),
    ).toEqual({
      state: 'failed',
      reason: 'InternalError',
      code: 'ENV_VALUE_FROM_UNSUPPORTED',
      message:
        'The controller cannot deploy the module: an env value comes from a Secret or ConfigMap.',
      remedy: 'Mount the Secret or ConfigMap as a volume and read the file.',
    });
  });

  it('R15: does not blame a cause that the module no longer has', () => {
    expect(
      deriveHealth(load('service-unavailable'), {
        events: [internalError(valueFrom)],
      }).state,
    ).toBe('progressing');
  });

  it('R15: does not heed an event older than the last change of the module', () => {
    const quota = 'services "orders" is forbidden: exceeded quota: small';
    const module = load('service-unavailable');
    expect(
      deriveHealth(module, {
        events: [internalError(quota, '2026-04-02T09:59:00Z')],
      }).state,
    ).toBe('progressing');
    expect(
      deriveHealth(module, {
        events: [internalError(quota, '2026-04-02T10:00:31Z')],
      }),
    ).toMatchObject({ state: 'failed', code: 'NAMESPACE_QUOTA_EXCEEDED' });
  });

  it.each([
    [
      'volume mount /data references nope: undefined volume reference',
      'VOLUME_UNDEFINED',
      { volumeMounts: [{ name: 'nope', mountPath: '/data' }] },
    ],
    [
      'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: volume with name data not mounted: spec.template.spec.volumes[0].name',
      'VOLUME_NOT_MOUNTED',
      { volumes: [{ name: 'data', emptyDir: {} }] },
    ],
    [
      'services.serving.knative.dev "orders" is forbidden: User "system:serviceaccount:knative-wasm:controller" cannot create resource',
      'CLUSTER_FORBIDDEN',
      {},
    ],
    [
      'admission webhook "x" denied the request: must not set the field(s): spec.template.spec.volumes[0].persistentVolumeClaim',
      'VOLUME_KIND_DISABLED',
      {},
    ],
    [
      'There is an existing Service "orders" that we do not own.',
      'MODULE_SERVICE_UNAVAILABLE',
      {},
    ],
    ['something nobody has seen', 'MODULE_SERVICE_UNAVAILABLE', {}],
  ])('R15: recognises %s', (message, code, spec) => {
    const module = load('service-unavailable');
    module.spec = { ...module.spec, ...spec };
    expect(
      deriveHealth(module, { events: [internalError(message)] }),
    ).toMatchObject({ state: 'failed', code, reason: 'InternalError' });
  });

  it('R16: recognises that Knative refused an autoscaling annotation', () => {
    const module = load('service-unavailable');
    module.metadata.annotations = { 'autoscaling.knative.dev/minScale': '1' };
    const message =
      'admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: autoscaling annotations must be put under "spec.template.metadata.annotations" to work: metadata.annotations';
    expect(
      deriveHealth(module, { events: [internalError(message)] }),
    ).toMatchObject({ state: 'failed', code: 'AUTOSCALING_ANNOTATION' });
  });

  it('does not turn a ready module down for an old event', () => {
    expect(
      deriveHealth(load('ready'), { events: [internalError('whatever')] })
        .state,
    ).toBe('ready');
  });

  it('calls a ready module degraded whose next version is refused', () => {
    const module = load('new-generation-not-observed');
    module.spec.env = [
      { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ];
    expect(
      deriveHealth(module, { events: [internalError(valueFrom)] }),
    ).toEqual({
      state: 'degraded',
      reason: 'InternalError',
      code: 'ENV_VALUE_FROM_UNSUPPORTED',
      message:
        'The last change was refused: an env value comes from a Secret or ConfigMap. The version before it still runs.',
      remedy: 'Mount the Secret or ConfigMap as a volume and read the file.',
    });
  });

  it('never calls a module ready for a generation it has not reached', () => {
    const module = load('ready');
    for (const [generation, observed, state] of [
      [1, 1, 'ready'],
      [2, 1, 'progressing'],
      [2, 2, 'ready'],
    ] as const) {
      module.metadata.generation = generation;
      module.status = { ...module.status, observedGeneration: observed };
      expect(deriveHealth(module).state).toBe(state);
    }
  });

  it.each([
    [
      'Error: Incompatible layer media type: application/vnd.oci.image.layer.v1.tar+gzip',
      'IMAGE_LAYOUT_UNSUPPORTED',
    ],
    ['Error: expected to have one layer, got 2', 'IMAGE_LAYOUT_UNSUPPORTED'],
    ['Error: No layers to pull', 'IMAGE_LAYOUT_UNSUPPORTED'],
    [
      "Error: Image manifest not found: no entry found in image index manifest matching client's default platform",
      'IMAGE_INDEX_UNSUPPORTED',
    ],
    [
      'Error: Image manifest not found: shop/orders',
      'MODULE_IMAGE_PULL_FAILED',
    ],
    [
      'Error: Registry error: url https://quay.io/v2/, envelope: OCI API errors',
      'MODULE_IMAGE_PULL_FAILED',
    ],
    ['Error: Authentication failure: 401', 'IMAGE_NOT_ANONYMOUS'],
    [
      'error sending request for url (https://localhost:7450/v2/)',
      'MODULE_IMAGE_PULL_FAILED',
    ],
    [
      'component imports instance `wasi:http/types@0.3.0`, but a matching implementation was not found in the linker',
      'MODULE_IMPORT_UNSUPPORTED',
    ],
    [
      'no exported instance named `wasi:http/incoming-handler@0.2.0`',
      'MODULE_NOT_HTTP',
    ],
    ['Dir mount host path does not exist: /data', 'MOUNT_PATH_INVALID'],
    ['guest never invoked `response-outparam::set`', 'MODULE_RUN_FAILED'],
    [
      'failed to parse WebAssembly module: unexpected end-of-file',
      'MODULE_FAILED_TO_COMPILE',
    ],
    ['Container failed with: exit code 137', 'MODULE_OUT_OF_MEMORY'],
  ])('recognises in the failure of a revision: %s', (text, code) => {
    const module = load('crash-without-cause');
    const [ready] = module.status?.conditions ?? [];
    ready.message = `Revision "orders-00001" failed with message: ${text}.`;
    const health = deriveHealth(module);
    expect([health.state, health.code]).toEqual(['failed', code]);
    expect(health.remedy).toBeTruthy();
  });

  it('looks for the cause in the log where the condition does not tell it', () => {
    const module = load('progress-deadline');
    expect(
      deriveHealth(module, {
        logTail: [
          '[WASM-RUNNER] pulling',
          'Error: Not authorized: url https://quay.io/v2/shop/orders/manifests/latest',
        ],
      }).code,
    ).toBe('IMAGE_NOT_ANONYMOUS');
    // Lines of the module itself are no evidence.
    expect(
      deriveHealth(module, { logTail: ['user is forbidden: out of memory'] })
        .code,
    ).toBe('MODULE_REVISION_FAILED');
  });

  describe('whatever the order of conditions and events', () => {
    const conditions: Condition[] = [
      {
        type: 'Ready',
        status: 'True',
        lastTransitionTime: '2026-04-02T10:00:00Z',
      },
      { type: 'Beta', status: 'False', reason: 'B' },
      { type: 'Alpha', status: 'False', reason: 'A' },
      { type: 'Gamma', status: 'True' },
    ];
    const doubled: Condition[] = [
      {
        type: 'Ready',
        status: 'True',
        lastTransitionTime: '2026-04-02T10:00:00Z',
      },
      {
        type: 'Ready',
        status: 'False',
        reason: 'RevisionFailed',
        lastTransitionTime: '2026-04-02T10:05:00Z',
      },
    ];
    const withConditions = (list: Condition[]) => ({
      ...load('ready'),
      status: { observedGeneration: 1, conditions: list },
    });

    it.each([
      ['other conditions', conditions, 'degraded', 'A'],
      ['two Ready conditions', doubled, 'failed', 'RevisionFailed'],
    ])('answers the same for %s', (_, list, state, reason) => {
      const forward = deriveHealth(withConditions(list));
      expect(forward).toMatchObject({ state, reason });
      expect(deriveHealth(withConditions([...list].reverse()))).toEqual(
        forward,
      );
    });

    it('takes the latest event', () => {
      const events = [
        internalError(
          'services "orders" is forbidden: exceeded quota: small',
          '2026-04-02T10:00:40Z',
        ),
        internalError('something nobody has seen', '2026-04-02T10:00:50Z'),
      ];
      const module = load('service-unavailable');
      const forward = deriveHealth(module, { events });
      expect(forward.code).toBe('MODULE_SERVICE_UNAVAILABLE');
      expect(deriveHealth(module, { events: [...events].reverse() })).toEqual(
        forward,
      );
    });
  });

  it('gives a remedy whenever it gives a code', () => {
    for (const status of ['True', 'False', 'Unknown'] as const) {
      for (const reason of [undefined, 'ServiceUnavailable', 'RouteMissing']) {
        const health = deriveHealth({
          ...load('ready'),
          status: { conditions: [{ type: 'Ready', status, reason }] },
        });
        expect(Boolean(health.code)).toBe(health.state !== 'ready');
        expect(Boolean(health.remedy)).toBe(health.state !== 'ready');
      }
    }
  });
});
