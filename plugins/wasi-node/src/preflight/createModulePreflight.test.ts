import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  WasiError,
  type ArtifactFormatName,
  type Finding,
  type NamespaceQuota,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { inspectBytes } from '../inspect';
import {
  component,
  coreModule,
  custom,
  instanceExports,
  instanceImports,
} from '../inspect/__testUtils__/encode';
import { createModuleRegistry } from '../registry';
import {
  hasDockerRegistry,
  startDockerRegistry,
} from '../registry/__fixtures__/dockerRegistry';
import { configWith } from '../registry/__fixtures__/modules';
import {
  startScriptedRegistry,
  type Interception,
} from '../registry/__fixtures__/scriptedRegistry';
import { createModulePreflight } from './createModulePreflight';
import { createPublicImages } from './createPublicImages';

const MAX_BYTES = 100_000;
const HANDLER = 'wasi:http/incoming-handler@0.2.3';

/** Content that nobody pushed before. */
const unique = () => custom('test', [...randomBytes(16)]);
const http = () => component(unique(), instanceExports(HANDLER));

interface Registry {
  host: string;
  close(): Promise<unknown>;
}

/** `user` with the password `pass:word`, as `htpasswd -B` writes it. */
const ACCOUNTS =
  'user:$2y$05$abcdefghijklmnopqrstuuDIEddBSuRWBBEY6g5zv60IAP5bSSfki';
const ACCOUNT = { username: 'user', password: 'pass:word' };

const askForLogin: Interception = ({ request, response }) => {
  if (request.headers.authorization) {
    return false;
  }
  response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
  return true;
};

const registries: [
  string,
  typeof describe | typeof describe.skip,
  (directory: string, isPrivate: boolean) => Promise<Registry>,
][] = [
  [
    'a registry in memory',
    describe,
    (_, isPrivate) =>
      startScriptedRegistry(isPrivate ? askForLogin : undefined),
  ],
  [
    "Debian's docker-registry",
    hasDockerRegistry ? describe : describe.skip,
    async (directory, isPrivate) => {
      const { host, stop } = await startDockerRegistry(
        directory,
        isPrivate ? ACCOUNTS : undefined,
      );
      return { host, close: stop };
    },
  ],
];

// Of a module that is not known it is also told that it may call out.
const brief = (findings: Finding[]) =>
  findings
    .filter(({ code }) => code !== 'OUTGOING_HTTP_NOT_LIMITED')
    .map(({ severity, code, path }) => `${severity} ${code} ${path}`);

describe('what will not run is told before it is written', () => {
  let directory: string;
  let registry: Registry;
  let foreignServices: string[];
  let namespaceQuotas: () => Promise<NamespaceQuota[]>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'wasi-preflight-'));
    foreignServices = [];
    namespaceQuotas = async () => [];
  });

  afterEach(async () => {
    await registry?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const preflightWith = (
    hosts = [registry.host],
    options: { account?: typeof ACCOUNT; patienceMs?: number } = {},
  ) =>
    createModulePreflight({
      patienceMs: options.patienceMs,
      images: createPublicImages({
        registry: createModuleRegistry(
          configWith(hosts.map(host => ({ host, ...options.account }))),
          { pause: async () => {} },
        ),
        maxModuleBytes: MAX_BYTES,
      }),
    });

  const subject = (image: string) => ({
    module: {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1' as const,
      kind: 'WasmModule' as const,
      metadata: { name: 'hello', namespace: 'shop' },
      spec: { image },
    },
    client: {
      quotas: () => namespaceQuotas(),
      hasForeignService: async ({ name }: { name: string }) =>
        foreignServices.includes(name),
    },
    exists: false,
  });

  async function push(
    bytes: number[],
    options: { format?: ArtifactFormatName; account?: typeof ACCOUNT } = {},
  ): Promise<string> {
    const path = join(directory, 'hello.wasm');
    writeFileSync(path, Uint8Array.from(bytes));
    const client = createModuleRegistry(
      configWith([{ host: registry.host, ...options.account }]),
    );
    const pushed = await client.push({
      path,
      reference: `${registry.host}/team/hello:1.0`,
      inspection: inspectBytes(Uint8Array.from(bytes)),
      annotations: {},
      created: '2026-01-02T03:04:05Z',
      format: options.format,
    });
    return pushed.image;
  }

  registries.forEach(([where, describeHere, start]) => {
    describeHere(`in ${where}`, () => {
      it('has nothing to say of a component that answers HTTP', async () => {
        registry = await start(directory, false);
        const image = await push(http());
        await expect(preflightWith().check(subject(image))).resolves.toEqual(
          [],
        );
      });

      it.each<{
        what: string;
        bytes: () => number[];
        format?: ArtifactFormatName;
        findings: string[];
      }>([
        {
          what: 'a core module',
          bytes: () => coreModule(unique()),
          findings: ['error MODULE_IS_CORE spec.image'],
        },
        {
          what: 'a component that answers nothing',
          bytes: () => component(unique()),
          findings: ['error MODULE_NOT_HTTP spec.image'],
        },
        {
          what: 'a component for WASI 0.3',
          bytes: () =>
            component(unique(), instanceImports('wasi:http/types@0.3.0')),
          findings: ['error MODULE_WASI_TOO_NEW spec.image'],
        },
        {
          what: 'a component of a later patch, which may run,',
          bytes: () =>
            component(
              unique(),
              instanceExports('wasi:http/incoming-handler@0.2.12'),
            ),
          findings: ['info MODULE_WASI_TOO_NEW spec.image'],
        },
        {
          what: 'a module in a layer of a container image',
          bytes: http,
          format: 'compat',
          findings: ['error IMAGE_LAYOUT_UNSUPPORTED spec.image'],
        },
        {
          what: 'an image index',
          bytes: http,
          format: 'index',
          findings: ['error IMAGE_INDEX_UNSUPPORTED spec.image'],
        },
        {
          what: 'a module beyond the limit',
          bytes: () => [...http(), ...custom('pad', Array(MAX_BYTES).fill(0))],
          findings: ['error MODULE_TOO_LARGE spec.image'],
        },
      ])('tells of $what', async ({ bytes, format, findings }) => {
        registry = await start(directory, false);
        const image = await push(bytes(), { format });
        const told = await preflightWith().check(subject(image));
        expect(brief(told)).toEqual(findings);
        expect(told[0].remedy).not.toBe('');
      });

      it('tells of an image that takes a login, also where the portal has one', async () => {
        registry = await start(directory, true);
        const account = ACCOUNT;
        const image = await push(http(), { account });
        await expect(
          preflightWith([registry.host], { account })
            .check(subject(image))
            .then(brief),
        ).resolves.toEqual(['error IMAGE_NOT_ANONYMOUS spec.image']);
      });

      it('tells of an image that is not there', async () => {
        registry = await start(directory, false);
        const image = `${registry.host}/team/other@sha256:${'0'.repeat(64)}`;
        await expect(
          preflightWith().check(subject(image)).then(brief),
        ).resolves.toEqual(['error REGISTRY_NOT_FOUND spec.image']);
      });
    });
  });

  it('names quotas that leave no room, beside all else', async () => {
    registry = await startScriptedRegistry();
    const image = await push(coreModule(unique()));
    namespaceQuotas = async () => [
      { name: 'small', hard: { pods: '2' }, used: { pods: '2' } },
    ];
    await expect(
      preflightWith().check(subject(image)).then(brief),
    ).resolves.toEqual([
      'error MODULE_IS_CORE spec.image',
      'warning NAMESPACE_QUOTA_EXCEEDED metadata.namespace',
    ]);
  });

  it('refuses a name whose Knative Service somebody else runs, and keeps what is deployed', async () => {
    registry = await startScriptedRegistry();
    const image = await push(http());
    foreignServices = ['hello'];
    const first = subject(image);
    await expect(preflightWith().check(first).then(brief)).resolves.toEqual([
      'error KNATIVE_SERVICE_TAKEN metadata.name',
    ]);
    await expect(
      preflightWith().check({ ...first, exists: true }),
    ).resolves.toEqual([]);
    foreignServices = ['another'];
    await expect(preflightWith().check(first)).resolves.toEqual([]);
  });

  it('is silent on quotas that the account may not read', async () => {
    registry = await startScriptedRegistry();
    const image = await push(http());
    namespaceQuotas = async () => {
      throw new WasiError('CLUSTER_FORBIDDEN', { message: 'No.' });
    };
    await expect(preflightWith().check(subject(image))).resolves.toEqual([]);
  });

  it('looks into a file that is at hand only where it is the one that was pushed', async () => {
    const seen: string[] = [];
    const scripted = await startScriptedRegistry(({ url, method }) => {
      seen.push(`${method} ${url.pathname.replace(/sha256:.*/, '')}`);
    });
    registry = scripted;
    const bytes = http();
    const image = await push(bytes);
    seen.length = 0;
    const inspection = inspectBytes(Uint8Array.from(bytes));

    await expect(
      preflightWith().check({ ...subject(image), inspection }),
    ).resolves.toEqual([]);
    expect(seen).toEqual(['GET /v2/team/hello/manifests/']);

    // Another file than the image holds says nothing of the image.
    const other = inspectBytes(Uint8Array.from(coreModule(unique())));
    await expect(
      preflightWith().check({ ...subject(image), inspection: other }),
    ).resolves.toEqual([]);
  });

  it('asks no registry that the configuration does not list', async () => {
    const asked: string[] = [];
    registry = await startScriptedRegistry(({ url }) => {
      asked.push(url.pathname);
    });
    const findings = await preflightWith(['registry.example.com']).check(
      subject(`${registry.host}/team/hello@sha256:${'0'.repeat(64)}`),
    );
    expect(brief(findings)).toEqual([
      'warning REGISTRY_NOT_ALLOWED spec.image',
    ]);
    expect(findings[0].message).toContain('was not looked into: Registry');
    expect(asked).toEqual([]);
  });

  it('goes on where the registry is gone, and says so', async () => {
    registry = await startScriptedRegistry();
    const image = await push(http());
    await registry.close();
    namespaceQuotas = async () => [
      { name: 'small', hard: { pods: '0' }, used: { pods: '0' } },
    ];
    const findings = await preflightWith().check(subject(image));
    expect(brief(findings)).toEqual([
      'warning REGISTRY_UNREACHABLE spec.image',
      'error NAMESPACE_QUOTA_EXCEEDED metadata.namespace',
    ]);
  });

  it('waits no longer than it has patience for', async () => {
    // It takes the request and never answers.
    registry = await startScriptedRegistry(() => true);
    const image = `${registry.host}/team/hello@sha256:${'0'.repeat(64)}`;
    const findings = await preflightWith([registry.host], {
      patienceMs: 1,
    }).check(subject(image));
    expect(findings[0]).toEqual({
      code: 'REGISTRY_UNREACHABLE',
      severity: 'warning',
      message: `${image} was not looked into: The registry has not answered in time.`,
      remedy: expect.any(String),
      path: 'spec.image',
    });
  });

  it('ends when its caller does', async () => {
    registry = await startScriptedRegistry(() => true);
    const image = `${registry.host}/team/hello@sha256:${'0'.repeat(64)}`;
    const reason = new Error('gone');
    await expect(
      preflightWith().check({
        ...subject(image),
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason);
  });
});
