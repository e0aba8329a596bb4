import { readFixture } from '../__fixtures__/readFixture';
import type { Finding } from '../diagnosis';
import { parseFuncYaml } from '../funcYaml';
import type { ModuleInspection } from '../inspection';
import {
  parseWasmModule,
  toWasmModule,
  type WasmModule,
  type WasmModuleSpec,
} from '../wasmModule';
import { preflight, type PreflightFacts } from './preflight';

const pinned = `quay.io/shop/orders@sha256:${'0'.repeat(64)}`;

function moduleWith(
  spec: Partial<WasmModuleSpec> = {},
  metadata: Partial<WasmModule['metadata']> = {},
): WasmModule {
  return {
    apiVersion: 'wasm.serving.knative.dev/v1alpha1',
    kind: 'WasmModule',
    metadata: { name: 'orders', ...metadata },
    spec: { image: pinned, ...spec },
  };
}

const inspection: ModuleInspection = {
  kind: 'component',
  wasi: '0.2',
  wasiVersion: '0.2.3',
  size: 60_000,
  gzipSize: 20_000,
  digest: `sha256:${'1'.repeat(64)}`,
  sections: [],
  imports: ['wasi:http/types@0.2.3', 'wasi:io/streams@0.2.3'],
  exports: ['wasi:http/incoming-handler@0.2.3'],
  producers: [],
  capabilities: [],
  entry: 'http',
};

/** Of a module whose file is known, unless the facts say otherwise. */
function findingsOf(
  module: WasmModule,
  facts: PreflightFacts = { inspection },
) {
  return preflight(module, facts);
}
const brief = (findings: Finding[]) =>
  findings.map(({ severity, code, path }) => `${severity} ${code} ${path}`);

describe('preflight', () => {
  it('has nothing to say about a module that will run', () => {
    expect(
      preflight(moduleWith(), {
        inspection,
        anonymousPull: true,
        layout: {
          mediaType: 'application/vnd.oci.image.manifest.v1+json',
          layerMediaTypes: ['application/wasm'],
          index: false,
        },
      }),
    ).toEqual([]);
  });

  it('R1: refuses an image that cannot be pulled anonymously, and none that can', () => {
    expect(
      findingsOf(moduleWith(), { inspection, anonymousPull: false }),
    ).toEqual([
      {
        code: 'IMAGE_NOT_ANONYMOUS',
        severity: 'error',
        message: `The registry does not hand out ${pinned} without a login, and the runner has none`,
        remedy:
          'Make the repository public: the runner pulls without credentials.',
        path: 'spec.image',
      },
    ]);
    expect(
      findingsOf(moduleWith(), { inspection, anonymousPull: true }),
    ).toEqual([]);
  });

  it.each([
    [['application/wasm'], []],
    [['application/vnd.wasm.content.layer.v1+wasm'], []],
    [['application/vnd.module.wasm.content.layer.v1+wasm'], []],
    [[], ['error IMAGE_LAYOUT_UNSUPPORTED spec.image']],
    [
      ['application/wasm', 'application/wasm'],
      ['error IMAGE_LAYOUT_UNSUPPORTED spec.image'],
    ],
    [
      ['application/vnd.oci.image.layer.v1.tar+gzip'],
      ['error IMAGE_LAYOUT_UNSUPPORTED spec.image'],
    ],
    [
      ['application/wasm', 'application/json'],
      ['error IMAGE_LAYOUT_UNSUPPORTED spec.image'],
    ],
  ])('R2: judges the layers %j', (layerMediaTypes, expected) => {
    const layout = { mediaType: 'x', layerMediaTypes, index: false };
    expect(brief(findingsOf(moduleWith(), { inspection, layout }))).toEqual(
      expected,
    );
  });

  it('R3: warns that outgoing HTTP is not limited where the module asks for it', () => {
    const asks: ModuleInspection = {
      ...inspection,
      capabilities: [
        {
          kind: 'http-outgoing',
          imports: ['wasi:http/outgoing-handler@0.2.3'],
        },
      ],
    };
    expect(brief(findingsOf(moduleWith(), { inspection: asks }))).toEqual([
      'warning OUTGOING_HTTP_NOT_LIMITED spec.network',
    ]);
    expect(findingsOf(moduleWith(), { inspection })).toEqual([]);
    // Without the file nobody knows.
    expect(brief(findingsOf(moduleWith(), {}))).toEqual([
      'info OUTGOING_HTTP_NOT_LIMITED spec.network',
    ]);
  });

  it('R4: says that switching DNS lookup off has no effect', () => {
    const at = (allowIpNameLookup?: boolean) =>
      brief(findingsOf(moduleWith({ network: { allowIpNameLookup } })));
    expect(at(false)).toEqual([
      'warning DNS_LOOKUP_ALWAYS_ALLOWED spec.network.allowIpNameLookup',
    ]);
    expect(at(true)).toEqual([]);
    expect(at(undefined)).toEqual([]);
  });

  it('R5: refuses a variable from a Secret or ConfigMap, and proposes a volume', () => {
    expect(
      findingsOf(
        moduleWith({
          env: [
            { name: 'A', value: 'b' },
            {
              name: 'PASSWORD',
              valueFrom: { secretKeyRef: { name: 'db', key: 'password' } },
            },
          ],
        }),
      ),
    ).toEqual([
      {
        code: 'ENV_VALUE_FROM_UNSUPPORTED',
        severity: 'error',
        message:
          'The variable PASSWORD takes its value from elsewhere, which the controller refuses: the module would never start, and its status would not say why',
        remedy: 'Mount the Secret or ConfigMap as a volume and read the file.',
        path: 'spec.env[1].valueFrom',
      },
    ]);
  });

  it.each([
    ['quay.io/shop/orders:v1', 'the tag v1'],
    ['quay.io/shop/orders', 'no tag, which means latest'],
  ])('R7: warns that pushing %s again rolls nothing out', (image, named) => {
    expect(findingsOf(moduleWith({ image }))).toEqual([
      {
        code: 'IMAGE_TAG_NOT_PINNED',
        severity: 'warning',
        message: `The image is named by ${named}: pushing it again changes nothing until the module changes, and pods started later may run another version`,
        remedy: 'Deploy the digest: a pushed tag does not roll out again.',
        path: 'spec.image',
      },
    ]);
  });

  it('R8: tells that labels and annotations take effect on creation only, ours left out', () => {
    expect(
      findingsOf(
        moduleWith(
          {},
          {
            labels: { 'backstage.io/kubernetes-id': 'orders' },
            annotations: { 'backstage.io/entity-ref': 'component:default/o' },
          },
        ),
      ),
    ).toEqual([]);
    const [finding, ...rest] = findingsOf(
      moduleWith({}, { labels: { team: 'checkout' } }),
    );
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      code: 'LABELS_ONLY_ON_CREATE',
      severity: 'info',
      message: expect.stringContaining('(team)'),
    });
  });

  it('R9: refuses what the cluster would accept and never run', () => {
    expect(
      brief(
        findingsOf(
          moduleWith({
            image: 'oci://quay.io/shop/orders',
            network: { tcp: { connect: ['db'], bind: ['a b:80'] } },
          }),
        ),
      ),
    ).toEqual([
      'error IMAGE_REFERENCE_INVALID spec.image',
      'error NETWORK_PATTERN_INVALID spec.network.tcp.bind[0]',
      'error NETWORK_PATTERN_INVALID spec.network.tcp.connect[0]',
    ]);
    expect(brief(findingsOf(moduleWith({}, { name: '9lives' })))).toEqual([
      'error NAME_INVALID metadata.name',
    ]);
  });

  it('R10: shows a host name with any port as one that never matches', () => {
    expect(
      brief(
        findingsOf(
          moduleWith({
            network: { tcp: { connect: ['api.example.com:*', '10.0.0.7:*'] } },
          }),
        ),
      ),
    ).toEqual([
      'warning NETWORK_PATTERN_NEVER_MATCHES spec.network.tcp.connect[0]',
    ]);
  });

  it('R11: warns of inherit', () => {
    expect(
      brief(findingsOf(moduleWith({ network: { inherit: true } }))),
    ).toEqual(['warning NETWORK_INHERIT spec.network.inherit']);
  });

  it.each([
    [{ kind: 'module', wasi: '0.1' }, 'error MODULE_IS_CORE'],
    [{ wasi: '0.3' }, 'error MODULE_WASI_TOO_NEW'],
    [{ entry: 'command' }, 'error MODULE_NOT_HTTP'],
    [{ entry: 'none' }, 'error MODULE_NOT_HTTP'],
    [
      { imports: ['wasi:keyvalue/store@0.2.0'] },
      'error MODULE_IMPORT_UNSUPPORTED',
    ],
    [{ imports: ['env.now'] }, 'error MODULE_IMPORT_UNSUPPORTED'],
    [{ imports: ['wasi:http/types@0.3.0'] }, 'error MODULE_IMPORT_UNSUPPORTED'],
    [{ wasiVersion: '0.2.12' }, 'info MODULE_WASI_TOO_NEW'],
    [{ wasiVersion: '0.2.0' }, undefined],
  ] as [Partial<ModuleInspection>, string | undefined][])(
    "R12: judges %j by what the runner's engine loads",
    (difference, expected) => {
      expect(
        brief(
          findingsOf(moduleWith(), {
            inspection: { ...inspection, ...difference },
          }),
        ),
      ).toEqual(expected ? [`${expected} spec.image`] : []);
    },
  );

  it('R13: tells that resources limit the pod, and warns of too little memory to compile', () => {
    const starlingMonkey: ModuleInspection = {
      ...inspection,
      size: 12_248_117,
      sections: [{ name: 'code', size: 8_996_349 }],
      language: 'JavaScript',
    };
    const at = (memory: string, size = starlingMonkey) =>
      brief(
        findingsOf(moduleWith({ resources: { limits: { memory } } }), {
          inspection: size,
        }),
      );
    const podOnly = 'info RESOURCES_LIMIT_POD_ONLY spec.resources';
    expect(at('256Mi')).toEqual([
      podOnly,
      'warning MEMORY_LIMIT_TOO_LOW spec.resources.limits.memory',
    ]);
    expect(
      findingsOf(moduleWith({ resources: { limits: { memory: '256Mi' } } }), {
        inspection: starlingMonkey,
      }).at(-1)?.message,
    ).toBe(
      'The memory limit is 256Mi, and compiling a JavaScript module of 11.7 MiB takes about 376Mi: the runner may be killed at start',
    );
    expect(at('512Mi')).toEqual([podOnly]);
    expect(at('64Mi', inspection)).toEqual([podOnly]);
    expect(at('lots')).toEqual([
      podOnly,
      'error MODULE_INVALID spec.resources.limits.memory',
    ]);
  });

  it('R14: accepts an IPv6 pattern, and mentions that the controller may refuse it one day', () => {
    expect(
      brief(
        findingsOf(moduleWith({ network: { tcp: { connect: ['[::1]:80'] } } })),
      ),
    ).toEqual(['info NETWORK_IPV6_PATTERN spec.network.tcp.connect[0]']);
  });

  it('R16: refuses an autoscaling annotation', () => {
    expect(
      brief(
        findingsOf(
          moduleWith(
            {},
            { annotations: { 'autoscaling.knative.dev/minScale': '1' } },
          ),
        ),
      ),
    ).toEqual([
      'error AUTOSCALING_ANNOTATION metadata.annotations["autoscaling.knative.dev/minScale"]',
    ]);
  });

  it('R17: refuses an image index', () => {
    expect(
      brief(
        findingsOf(moduleWith(), {
          inspection,
          layout: {
            mediaType: 'application/vnd.oci.image.index.v1+json',
            layerMediaTypes: [],
            index: true,
          },
        }),
      ),
    ).toEqual(['error IMAGE_INDEX_UNSUPPORTED spec.image']);
  });

  it('warns of a variable that is set twice', () => {
    expect(
      brief(
        findingsOf(
          moduleWith({
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '1' },
              { name: 'A', value: '2' },
            ],
          }),
        ),
      ),
    ).toEqual(['warning ENV_DUPLICATE spec.env[2].name']);
  });

  it('tells that arguments come without a program name', () => {
    expect(brief(findingsOf(moduleWith({ args: ['--verbose'] })))).toEqual([
      'info ARGS_WITHOUT_PROGRAM_NAME spec.args',
    ]);
    expect(findingsOf(moduleWith({ args: [] }))).toEqual([]);
  });

  it('warns where the module imports sockets and is granted none', () => {
    const asks: ModuleInspection = {
      ...inspection,
      capabilities: [{ kind: 'sockets', imports: ['wasi:sockets/tcp@0.2.3'] }],
    };
    const granted = { network: { tcp: { connect: ['db:5432'] } } };
    expect(brief(findingsOf(moduleWith(), { inspection: asks }))).toEqual([
      'warning MODULE_CAPABILITY_NOT_GRANTED spec.network',
    ]);
    expect(findingsOf(moduleWith(granted), { inspection: asks })).toEqual([]);
  });

  describe('volumes', () => {
    const secret = { name: 'tls', secret: { secretName: 'tls' } };
    const mount = { name: 'tls', mountPath: '/etc/tls', readOnly: true };

    it.each([
      [{ volumes: [secret], volumeMounts: [mount] }, []],
      [{ volumes: [secret] }, ['error VOLUME_NOT_MOUNTED spec.volumes[0]']],
      [
        { volumeMounts: [mount] },
        ['error VOLUME_UNDEFINED spec.volumeMounts[0].name'],
      ],
      [
        {
          volumes: [secret],
          volumeMounts: [{ ...mount, readOnly: undefined }],
        },
        ['warning MOUNT_READ_ONLY_FORCED spec.volumeMounts[0].readOnly'],
      ],
      [
        {
          volumes: [{ name: 'tls', emptyDir: {} }],
          volumeMounts: [{ ...mount, readOnly: undefined }],
        },
        [],
      ],
      [
        {
          volumes: [{ name: 'tls', persistentVolumeClaim: { claimName: 'a' } }],
          volumeMounts: [mount],
        },
        ['warning VOLUME_KIND_DISABLED spec.volumes[0].persistentVolumeClaim'],
      ],
      [
        {
          volumes: [{ name: 'tls', hostPath: { path: '/' } }],
          volumeMounts: [mount],
        },
        ['warning VOLUME_KIND_DISABLED spec.volumes[0].hostPath'],
      ],
      [
        { volumes: [secret], volumeMounts: [{ ...mount, subPath: 'tls.key' }] },
        ['warning MOUNT_SUBPATH_FILE spec.volumeMounts[0].subPath'],
      ],
      [
        {
          volumes: [{ ...secret, name: 'A_b' }],
          volumeMounts: [{ ...mount, name: 'A_b' }],
        },
        ['error NAME_INVALID spec.volumes[0].name'],
      ],
      [
        { volumes: [secret, secret], volumeMounts: [mount] },
        ['error NAME_INVALID spec.volumes[1].name'],
      ],
      [
        {
          volumes: [secret],
          volumeMounts: [mount, { ...mount, mountPath: '/etc//tls/' }],
        },
        ['error MOUNT_PATH_INVALID spec.volumeMounts[1].mountPath'],
      ],
    ] as [Partial<WasmModuleSpec>, string[]][])(
      'judges %j',
      (spec, expected) => {
        expect(brief(findingsOf(moduleWith(spec)))).toEqual(expected);
      },
    );

    it.each(['/', '//', '/dev', '/dev/', '/dev/log', 'etc/tls', '/a:b', ''])(
      'refuses to mount at %j',
      mountPath => {
        expect(
          brief(
            findingsOf(
              moduleWith({
                volumes: [secret],
                volumeMounts: [{ ...mount, mountPath }],
              }),
            ),
          ),
        ).toEqual(['error MOUNT_PATH_INVALID spec.volumeMounts[0].mountPath']);
      },
    );
  });

  describe('the quotas of the namespace', () => {
    const quota = (hard: Record<string, string>, used = {}) => ({
      name: 'small',
      hard,
      used,
    });
    const takes = { limits: { memory: '512Mi' }, requests: { cpu: '100m' } };

    it.each([
      ['leave room', { 'limits.memory': '1Gi', pods: '3' }, { pods: '2' }, []],
      ['count other things', { 'count/secrets': '0', services: '0' }, {}, []],
      [
        'are too small for it',
        { 'limits.memory': '256Mi' },
        {},
        ['error NAMESPACE_QUOTA_EXCEEDED spec.resources.limits.memory'],
      ],
      [
        'are used up by others',
        { 'limits.memory': '1Gi' },
        { 'limits.memory': '600Mi' },
        ['warning NAMESPACE_QUOTA_EXCEEDED spec.resources.limits.memory'],
      ],
      [
        'count its request, which is the limit where none is set',
        { cpu: '50m', 'requests.memory': '511Mi' },
        {},
        [
          'error NAMESPACE_QUOTA_EXCEEDED spec.resources.requests.cpu',
          'error NAMESPACE_QUOTA_EXCEEDED spec.resources.limits.memory',
        ],
      ],
      [
        'limit what it says nothing of',
        { 'limits.cpu': '4' },
        {},
        ['warning NAMESPACE_QUOTA_EXCEEDED spec.resources'],
      ],
      [
        'let no more Services in',
        { 'count/services.serving.knative.dev': '2' },
        { 'count/services.serving.knative.dev': '2' },
        ['warning NAMESPACE_QUOTA_EXCEEDED metadata.namespace'],
      ],
    ] as [string, Record<string, string>, Record<string, string>, string[]][])(
      'are told of where they %s',
      (_, hard, used, expected) => {
        const module = moduleWith({ resources: takes });
        const findings = preflight(module, { quotas: [quota(hard, used)] });
        expect(
          brief(findings.filter(({ severity }) => severity !== 'info')),
        ).toEqual(expected);
      },
    );

    it('need no further Service for a module that is there', () => {
      const quotas = [
        quota(
          { 'count/services.serving.knative.dev': '2' },
          { 'count/services.serving.knative.dev': '2' },
        ),
      ];
      expect(
        preflight(moduleWith(), { inspection, quotas, exists: true }),
      ).toEqual([]);
    });

    it('are told with figures and the next step', () => {
      const [told] = preflight(moduleWith({}, { namespace: 'shop' }), {
        inspection,
        quotas: [quota({ pods: '2' }, { pods: '2' })],
      });
      expect(told).toMatchObject({
        message:
          'The module takes 1 of pods, and of the 2 that the quota small of namespace shop allows 2 are used: it starts when something else ends',
        remedy: 'Free resources in the namespace, or have its quota raised.',
      });
    });
  });

  it('finds in a whole func.yaml what the real runner will not do', () => {
    const { config } = parseFuncYaml(
      readFixture('func.v0.36.every-field.yaml'),
    );
    const { module } = toWasmModule(config!, {
      image: pinned,
      localEnv: { REGION: 'eu-1' },
    });
    expect(brief(preflight(parseWasmModule(module)))).toEqual([
      'info LABELS_ONLY_ON_CREATE metadata',
      'error ENV_VALUE_FROM_UNSUPPORTED spec.env[3].valueFrom',
      'error ENV_VALUE_FROM_UNSUPPORTED spec.env[4].valueFrom',
      'info ARGS_WITHOUT_PROGRAM_NAME spec.args',
      'warning VOLUME_KIND_DISABLED spec.volumes[2].persistentVolumeClaim',
      'warning DNS_LOOKUP_ALWAYS_ALLOWED spec.network.allowIpNameLookup',
      'info OUTGOING_HTTP_NOT_LIMITED spec.network',
      'info RESOURCES_LIMIT_POD_ONLY spec.resources',
    ]);
  });
});
