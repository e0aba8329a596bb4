import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import wasiPlugin from '@wasi-functions/backstage-plugin-wasi-backend';
import type {
  ArtifactFormatName,
  Finding,
  PlanAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleRegistry,
  inspectBytes,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import {
  startRegistry,
  type RunningRegistry,
} from '@wasi-functions/local-platform';
import request from 'supertest';
import { kubernetesConfig } from './kubernetesConfig';
import { Scene } from './Scene';
import { describeTargets } from './targets';

jest.setTimeout(60_000);

const MODULES = '/api/wasi/v1/entities/component/default/pay/modules';
const ACCOUNT = { username: 'portal', password: 'right horse' };
const HANDLER = 'wasi:http/incoming-handler@0.2.3';
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d];

const CORE_MODULE = Uint8Array.from([...PREAMBLE, 0x01, 0x00, 0x00, 0x00]);
/** It exports what answers HTTP, with nothing behind it. */
const HTTP_COMPONENT = Uint8Array.from([
  ...PREAMBLE,
  ...[0x0d, 0x00, 0x01, 0x00],
  ...[0x0b, HANDLER.length + 6, 0x01, 0x00, HANDLER.length],
  ...new TextEncoder().encode(HANDLER),
  ...[0x05, 0x00, 0x00],
]);

describeTargets('Before a module is written to', start => {
  const scene = new Scene();
  let directory: string;
  let open: RunningRegistry;
  let locked: RunningRegistry;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  let wasi: { registries: object[] };

  beforeAll(async () => {
    await scene.open(start);
    directory = await mkdtemp(join(tmpdir(), 'preflight-'));
    open = await startRegistry({ directory: join(directory, 'open'), port: 0 });
    locked = await startRegistry({
      directory: join(directory, 'locked'),
      port: 0,
      credentials: ACCOUNT,
    });
    wasi = {
      registries: [
        { host: open.host, insecure: true },
        { host: locked.host, insecure: true, ...ACCOUNT },
      ],
    };
    backend = await startTestBackend({
      features: [
        wasiPlugin,
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Component',
              metadata: { name: 'pay', namespace: 'default' },
              spec: {},
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            wasi,
            kubernetes: kubernetesConfig(scene.target),
          } as never,
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await Promise.all([open?.close(), locked?.close(), scene.close()]);
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(() => scene.enter());

  async function push(
    bytes: Uint8Array,
    {
      host = open.host,
      format,
    }: { host?: string; format?: ArtifactFormatName },
  ): Promise<string> {
    const name = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
    const path = join(directory, name);
    await writeFile(path, bytes);
    const pushed = await createModuleRegistry(
      readWasiConfig(new ConfigReader({ wasi } as never)),
    ).push({
      path,
      reference: `${host}/team/${name}:${format ?? 'wasm'}`,
      inspection: inspectBytes(bytes),
      annotations: {},
      created: '2026-01-02T03:04:05Z',
      format,
    });
    return pushed.image;
  }

  const moduleOf = (image: string, spec: object = {}, namespace?: string) => ({
    module: {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: { name: 'pay', namespace: namespace ?? scene.namespace },
      spec: { image, ...spec },
    },
  });
  const serious = (findings: Finding[]) =>
    findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ severity, code }) => `${severity} ${code}`);
  async function plan(body: object): Promise<PlanAnswer> {
    const answer = await request(backend.server)
      .post(`${MODULES}?dryRun=true`)
      .send(body);
    expect(answer.status).toBe(200);
    return answer.body;
  }
  const isStored = async () =>
    (await scene.send('GET', `${scene.modules}/pay`)).code === 200;

  it('lets in what will run', async () => {
    const body = moduleOf(await push(HTTP_COMPONENT, {}));
    expect((await plan(body)).findings).toEqual([]);
    await request(backend.server).post(MODULES).send(body).expect(201);
    expect(await isStored()).toBe(true);
  });

  it.each<{
    what: string;
    image: () => Promise<string> | string;
    spec?: object;
    findings: string[];
  }>([
    {
      what: 'a core module',
      image: () => push(CORE_MODULE, {}),
      findings: ['error MODULE_IS_CORE'],
    },
    {
      what: 'a module in a container image',
      image: () => push(HTTP_COMPONENT, { format: 'compat' }),
      findings: ['error IMAGE_LAYOUT_UNSUPPORTED'],
    },
    {
      what: 'an image that takes a login, which the portal has',
      image: () => push(HTTP_COMPONENT, { host: locked.host }),
      findings: ['error IMAGE_NOT_ANONYMOUS'],
    },
    {
      what: 'an image that is not there',
      image: () => `${open.host}/team/absent@sha256:${'0'.repeat(64)}`,
      findings: ['error REGISTRY_NOT_FOUND'],
    },
    {
      what: 'what is wrong in several ways',
      image: () => push(CORE_MODULE, {}),
      spec: {
        env: [
          { name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
        volumeMounts: [{ name: 'absent', mountPath: '/data' }],
        network: { tcp: { connect: ['nonsense'] } },
      },
      findings: [
        'error MODULE_IS_CORE',
        'error ENV_VALUE_FROM_UNSUPPORTED',
        'error VOLUME_UNDEFINED',
        'error NETWORK_PATTERN_INVALID',
      ],
    },
  ])('names and refuses $what', async ({ image, spec, findings }) => {
    const body = moduleOf(await image(), spec);
    const planned = await plan(body);
    expect(serious(planned.findings)).toEqual(findings);
    for (const { remedy, path } of planned.findings) {
      expect(remedy).not.toBe('');
      expect(path).toMatch(/^spec\./);
    }

    const refused = await request(backend.server).post(MODULES).send(body);
    expect(refused.status).toBe(400);
    expect(refused.body.error.code).toBe('MODULE_INVALID');
    expect(await isStored()).toBe(false);
  });

  it('says that it has not looked into an image of elsewhere, and lets it in', async () => {
    const image = `registry.example.com/pay@sha256:${'0'.repeat(64)}`;
    const { findings } = await plan(moduleOf(image));
    expect(serious(findings)).toEqual(['warning REGISTRY_NOT_ALLOWED']);
    await request(backend.server)
      .post(MODULES)
      .send(moduleOf(image))
      .expect(201);
  });

  it('names what the cluster refuses beside the rest', async () => {
    const image = await push(CORE_MODULE, {});
    const nowhere = await plan(moduleOf(image, {}, 'nowhere'));
    expect(serious(nowhere.findings)).toEqual([
      'error NAMESPACE_MISSING',
      'error MODULE_IS_CORE',
    ]);
    expect(nowhere).toMatchObject({
      action: 'create',
      module: { spec: { image } },
    });
  });

  it('lets a module be changed otherwise whose image would not be let in today', async () => {
    await scene.send('POST', scene.modules, {
      body: {
        ...moduleOf(await push(CORE_MODULE, {})).module,
        metadata: {
          name: 'pay',
          annotations: { 'backstage.io/entity-ref': 'component:default/pay' },
        },
      },
    });
    const path = `${MODULES}/one/${scene.namespace}/pay`;
    await request(backend.server)
      .patch(path)
      .send({ spec: { args: ['a'] } })
      .expect(200);

    const image = await push(HTTP_COMPONENT, { format: 'compat' });
    const refused = await request(backend.server)
      .patch(path)
      .send({ spec: { image } });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain('which the runner refuses');
  });
});
