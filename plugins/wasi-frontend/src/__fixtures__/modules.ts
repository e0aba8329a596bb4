import {
  MASKED_VALUE,
  type ArtifactView,
  type BackendInfo,
  type InvokeAnswer,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';

const DIGEST =
  'sha256:5f2b8d1f0b1c3a7e4d6c9a8b7f6e5d4c3b2a1908f7e6d5c4b3a2918070605040';
const FILE_DIGEST =
  'sha256:9d377b10ce778c4938b3c7e2c63a229abcd1234e5f60718293a4b5c6d7e8f901';

const before = (now: number, seconds: number) =>
  new Date(now - seconds * 1000).toISOString();

/** A js-wasi function that answers, with something in every field. */
export function readyModule(now: number): ModuleView {
  return {
    ref: { cluster: 'local', namespace: 'default', name: 'hello' },
    observedAt: before(now, 3),
    module: {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: {
        name: 'hello',
        namespace: 'default',
        uid: '7f3c1de4-9c6d-4d06-9e84-0a2b60fc1c11',
        generation: 2,
        creationTimestamp: before(now, 7_500),
        labels: { 'backstage.io/kubernetes-id': 'hello' },
        annotations: { 'backstage.io/entity-ref': 'component:default/hello' },
      },
      spec: {
        image: `localhost:7450/functions/hello@${DIGEST}`,
        args: ['--greeting', 'Hello there'],
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'API_TOKEN', value: MASKED_VALUE },
          {
            name: 'DB_PASSWORD',
            valueFrom: { secretKeyRef: { name: 'db', key: 'password' } },
          },
          {
            name: 'THEME',
            valueFrom: { configMapKeyRef: { name: 'settings', key: 'theme' } },
          },
          { name: 'PREFIX', value: '' },
        ],
        volumes: [
          { name: 'settings', configMap: { name: 'hello-settings' } },
          { name: 'scratch', emptyDir: {} },
        ],
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/settings', readOnly: true },
        ],
        resources: {
          requests: { cpu: '100m', memory: '128Mi' },
          limits: { memory: '512Mi' },
        },
        network: {
          allowIpNameLookup: false,
          tcp: { connect: ['db.example.com:5432', '10.0.0.7:*', '*:443'] },
          udp: { bind: ['*:*'] },
        },
      },
      status: {
        observedGeneration: 2,
        address: { url: 'http://localhost:7500/' },
        conditions: [
          {
            type: 'ServiceReady',
            status: 'True',
            lastTransitionTime: before(now, 240),
          },
          {
            type: 'Ready',
            status: 'True',
            lastTransitionTime: before(now, 240),
          },
        ],
      },
    },
    health: { state: 'ready', message: 'The module answers requests.' },
    findings: [
      {
        code: 'RESOURCES_LIMIT_POD_ONLY',
        severity: 'info',
        message: 'Resources limit the pod, not the module alone.',
        remedy: 'Leave room for compiling the module in the memory limit.',
        path: 'spec.resources.limits.memory',
      },
      {
        code: 'ENV_VALUE_FROM_UNSUPPORTED',
        severity: 'warning',
        message: 'The runner does not resolve DB_PASSWORD from Secret db.',
        remedy: 'Mount the Secret as a volume and read the file.',
        path: 'spec.env[2].valueFrom',
      },
    ],
    events: [
      {
        type: 'Normal',
        reason: 'Created',
        message: 'Created Service default/hello',
        count: 1,
        lastSeen: before(now, 260),
      },
      {
        type: 'Warning',
        reason: 'BackOff',
        message: 'Back-off restarting the runner',
        count: 3,
        lastSeen: before(now, 250),
      },
    ],
  };
}

/** A module whose image is not in the registry. */
export function failedModule(now: number): ModuleView {
  const ready = readyModule(now);
  return {
    ...ready,
    ref: { cluster: 'local', namespace: 'default', name: 'orders' },
    module: {
      ...ready.module,
      metadata: { name: 'orders', namespace: 'default', generation: 1 },
      spec: {
        image: 'localhost:7450/functions/orders:latest',
        network: { inherit: true },
      },
      status: {
        observedGeneration: 1,
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'ImagePullFailed',
            message: 'manifest unknown: functions/orders:latest',
            lastTransitionTime: before(now, 30),
          },
          {
            type: 'ServiceReady',
            status: 'Unknown',
            reason: 'Deploying',
            lastTransitionTime: before(now, 31),
          },
        ],
      },
    },
    health: {
      state: 'failed',
      reason: 'ImagePullFailed',
      message:
        'The image localhost:7450/functions/orders:latest was not found.',
      code: 'MODULE_IMAGE_PULL_FAILED',
      remedy: 'Check repository and tag, then deploy again.',
    },
    findings: [],
    events: [],
  };
}

/** A module that has just been applied. */
export function progressingModule(now: number): ModuleView {
  const ready = readyModule(now);
  return {
    ...ready,
    ref: { cluster: 'staging', namespace: 'shop', name: 'cart' },
    module: {
      ...ready.module,
      metadata: { name: 'cart', namespace: 'shop', generation: 1 },
      spec: { image: 'registry.example.com/shop/cart:1.2.0' },
      status: undefined,
    },
    health: {
      state: 'progressing',
      message: 'The controller has not looked at it yet.',
      code: 'MODULE_NOT_OBSERVED',
      remedy: 'Wait a moment.',
    },
    findings: [],
    events: [],
  };
}

/** What the backend read out of the image of {@link readyModule}. */
export const artifact: ArtifactView = {
  image: `localhost:7450/functions/hello@${DIGEST}`,
  digest: DIGEST,
  size: 11_534_336,
  format: 'wasm',
  annotations: {
    'org.opencontainers.image.created': '2026-11-01T10:00:00Z',
    'org.opencontainers.image.revision': '4be1c2d',
    'org.opencontainers.image.version': '0.1.0',
  },
  inspection: {
    kind: 'component',
    wasi: '0.2',
    wasiVersion: '0.2.3',
    size: 11_534_336,
    gzipSize: 4_404_019,
    digest: FILE_DIGEST,
    sections: [
      { name: 'code', size: 7_340_032 },
      { name: 'data', size: 3_355_443 },
      { name: 'custom:name', size: 524_288 },
      { name: 'function', size: 104_857 },
      { name: 'element', size: 94_372 },
      { name: 'type', size: 62_914 },
      { name: 'component', size: 41_943 },
      { name: 'export', size: 10_479 },
    ],
    imports: [
      'wasi:cli/environment@0.2.3',
      'wasi:clocks/monotonic-clock@0.2.3',
      'wasi:http/types@0.2.3',
      'wasi:io/streams@0.2.3',
      'wasi:sockets/tcp@0.2.3',
    ],
    exports: ['wasi:http/incoming-handler@0.2.3'],
    world:
      'package root:component;\n\nworld root {\n  import wasi:cli/environment@0.2.3;\n  import wasi:http/types@0.2.3;\n  export wasi:http/incoming-handler@0.2.3;\n}\n',
    producers: [
      { field: 'language', name: 'JavaScript', version: '' },
      { field: 'processed-by', name: 'ComponentizeJS', version: '0.18.4' },
    ],
    language: 'JavaScript',
    toolchain: 'ComponentizeJS 0.18.4',
    capabilities: [
      { kind: 'environment', imports: ['wasi:cli/environment@0.2.3'] },
      { kind: 'sockets', imports: ['wasi:sockets/tcp@0.2.3'] },
      { kind: 'clocks', imports: ['wasi:clocks/monotonic-clock@0.2.3'] },
    ],
    entry: 'http',
  },
};

/** An answer with a JSON body. */
export const jsonAnswer: InvokeAnswer = {
  status: 200,
  headers: [
    ['content-type', 'application/json'],
    ['date', 'Sun, 01 Nov 2026 10:00:00 GMT'],
  ],
  body: '{"greeting":"Hello there","count":3}',
  encoding: 'utf-8',
  truncated: false,
  durationMs: 12.4,
};

/** Lines of a log, oldest first. */
export const logLines = [
  '2026-11-01T10:00:00.000Z module started',
  '2026-11-01T10:00:02.114Z GET / 200 3 ms',
];

/** A backend that builds two runtimes and lacks a tool for a third. */
export const backendInfo: BackendInfo = {
  runtimes: [
    {
      name: 'rust-wasi',
      label: 'Rust',
      language: 'Rust',
      maturity: 'stable',
      available: false,
      problems: [
        {
          code: 'TOOLCHAIN_MISSING',
          severity: 'error',
          message: 'cargo was not found.',
          remedy: 'Install Rust with rustup on the machine that builds.',
        },
      ],
    },
    {
      name: 'js-wasi',
      label: 'JavaScript',
      language: 'JavaScript',
      maturity: 'stable',
      available: true,
      problems: [],
    },
    {
      name: 'wat-wasi',
      label: 'WebAssembly text',
      language: 'WebAssembly text',
      maturity: 'experimental',
      available: true,
      problems: [],
    },
  ],
  clusters: [{ name: 'local' }],
  registries: ['localhost:7450/functions', 'ghcr.io/acme'],
};
