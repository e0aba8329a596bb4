import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  parseFuncYaml,
  type WasmModule,
  type WasmModuleSpec,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleBuilder,
  createModuleRegistry,
  createToolchains,
  inspectModule,
  type WasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { startKubernetesApi, type KubernetesApi } from '../kubernetes';
import { startRegistry, type RunningRegistry } from '../registry';
import { startRunner, type Runner } from './startRunner';
import { httpModule } from './__fixtures__/httpModule';

jest.setTimeout(120_000);
const toolchainsDirectory =
  process.env.WASI_TOOLCHAINS_DIRECTORY ??
  resolve(__dirname, '../../../../.toolchains');
const describeWithJco = existsSync(join(toolchainsDirectory, 'jco'))
  ? describe
  : describe.skip;

describeWithJco('startRunner (needs the jco toolchain)', () => {
  let directory: string;
  let registry: RunningRegistry;
  let kubernetes: KubernetesApi;
  let runner: Runner;
  let config: WasiConfig;
  const images = new Map<string, string>();

  const start = () =>
    startRunner({
      store: kubernetes.store,
      directory: join(directory, 'runner'),
      toolchainsDirectory,
      insecureRegistries: [registry.host],
      ports: { first: 0, last: 0 },
      retryAfterMs: 200,
    });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wasi-runner-test-'));
    registry = await startRegistry({ directory: join(directory, 'registry') });
    kubernetes = await startKubernetesApi({
      directory: join(directory, 'kubernetes'),
      port: 0,
      logSource: { async *read() {} },
    });
    config = {
      registries: [{ host: registry.host, insecure: true }],
      toolchains: { directory: toolchainsDirectory, paths: {} },
      build: {
        timeoutMs: 60_000,
        maxOutputBytes: 1024 * 1024,
        maxModuleBytes: 1024 * 1024,
      },
      prebuilt: { allowedHosts: [] },
      invoke: { timeoutMs: 10_000 },
    };
    runner = await start();
  });
  afterEach(async () => {
    for (const { metadata } of kubernetes.store.list('wasmmodules')) {
      kubernetes.store.delete('wasmmodules', 'default', metadata.name);
    }
    await until(() => kubernetes.store.list('pods').length === 0);
  });
  afterAll(async () => {
    await runner?.close();
    await kubernetes?.close();
    await registry?.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Builds and pushes a module once, and tells its image. */
  async function pushed(name: string, wat: string): Promise<string> {
    const known = images.get(name);
    if (known) {
      return known;
    }
    const source = join(directory, 'sources', name);
    await mkdir(source, { recursive: true });
    const funcYaml = `specVersion: 0.36.0\nname: ${name}\nruntime: wat-wasi\ncreated: 2026-01-01T00:00:00Z\n`;
    await writeFile(join(source, 'func.yaml'), funcYaml);
    await writeFile(join(source, 'handler.wat'), wat);
    const { config: funcConfig, findings } = parseFuncYaml(funcYaml);
    if (!funcConfig) {
      throw new Error(JSON.stringify(findings));
    }
    const built = await createModuleBuilder({
      config,
      toolchains: createToolchains(config),
    }).build({ directory: source, funcConfig, log: () => {} });
    const { image } = await createModuleRegistry(config).push({
      path: built.path,
      reference: `${registry.host}/test/${name}:v1`,
      inspection: await inspectModule(built.path),
      annotations: {},
      created: new Date(0),
    });
    images.set(name, image);
    return image;
  }

  function create(name: string, spec: WasmModuleSpec): WasmModule {
    return kubernetes.store.create<WasmModule>('wasmmodules', {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: { name, namespace: 'default' },
      spec,
    });
  }

  function get(name: string): WasmModule {
    return kubernetes.store.get<WasmModule>('wasmmodules', 'default', name)!;
  }

  const ready = (name: string) =>
    get(name).status?.conditions?.find(({ type }) => type === 'Ready');

  async function whenReady(name: string): Promise<string> {
    await until(
      () =>
        ready(name)?.status === 'True' &&
        get(name).status?.observedGeneration === get(name).metadata.generation,
    );
    return get(name).status!.address!.url!;
  }

  const eventsOf = (name: string) =>
    kubernetes.store
      .list<{
        apiVersion: string;
        kind: string;
        metadata: { name: string };
        involvedObject: { name: string };
        reason: string;
        message: string;
      }>('events')
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => ({ reason, message }));

  it('makes a module answer at its address', async () => {
    const image = await pushed('hello', httpModule({}));
    create('hello', { image });
    const url = await whenReady('hello');
    expect(await (await fetch(url)).text()).toBe('hello\n');
    expect(get('hello').status).toEqual({
      observedGeneration: 1,
      address: { url: expect.stringMatching(/^http:\/\/localhost:\d+$/) },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          lastTransitionTime: expect.any(String),
        },
      ],
    });
    expect(eventsOf('hello')).toEqual([
      {
        reason: 'InsecureRegistry',
        message: `Image "${image}" will be fetched over plain HTTP (matched insecure registry)`,
      },
    ]);
  });

  it('gives the module env, and the last of two with one name wins', async () => {
    create('environment', {
      image: await pushed('environment', httpModule({ body: 'environment' })),
      env: [
        { name: 'A', value: 'first' },
        { name: 'B', value: 'two words' },
        { name: 'A', value: 'last' },
      ],
      args: ['one', 'two'],
    });
    const url = await whenReady('environment');
    expect(await (await fetch(url)).text()).toBe(
      'A=last\nB=two words\none\ntwo\n',
    );
  });

  it('shows the log of a module by its pod, and follows it', async () => {
    create('printer', {
      image: await pushed('printer', httpModule({ print: 'printed\\n' })),
    });
    const url = await whenReady('printer');
    const [pod] = kubernetes.store.list('pods', 'default');
    expect(pod.metadata.labels).toMatchObject({
      'serving.knative.dev/service': 'printer',
      'serving.knative.dev/revision': 'printer-00001',
    });
    await (await fetch(url)).text();
    const lines: string[] = [];
    const abort = new AbortController();
    const following = (async () => {
      for await (const line of runner.logSource.read(
        'default',
        pod.metadata.name,
        { follow: true, signal: abort.signal },
      )) {
        lines.push(line);
      }
    })();
    await (await fetch(url)).text();
    await until(() => lines.length === 2);
    abort.abort();
    await following;
    expect(lines).toEqual(['printed', 'printed']);
  });

  it('says in an event that valueFrom is not supported, and in the condition no more than the real controller', async () => {
    create('secretive', {
      image: 'localhost:1/none:v1',
      env: [
        {
          name: 'TOKEN',
          valueFrom: { secretKeyRef: { name: 'token', key: 'value' } },
        },
      ],
    });
    await until(() => ready('secretive') !== undefined);
    expect(ready('secretive')).toMatchObject({
      status: 'False',
      reason: 'ServiceUnavailable',
      message: 'Service "secretive" wasn\'t found.',
    });
    expect(eventsOf('secretive')).toEqual([
      {
        reason: 'InternalError',
        message:
          'failed to build WASI config: env var TOKEN: valueFrom is not yet supported',
      },
    ]);
  });

  it('fails the revision where the image is not there, with the runner’s words', async () => {
    create('absent', { image: `${registry.host}/test/absent:v1` });
    await until(() => ready('absent')?.reason === 'RevisionFailed');
    expect(ready('absent')).toMatchObject({
      status: 'False',
      message: `Revision "absent-00001" failed with message: Container failed with: Error: Registry error: url http://${registry.host}/v2/test/absent/manifests/v1, envelope: OCI API errors: [OCI API error: manifest unknown].`,
    });
  });

  it('starts a module by itself once its image is there', async () => {
    const digest = await pushed('hello', httpModule({}));
    create('late', { image: `${registry.host}/test/late:v1` });
    await until(() => ready('late')?.reason === 'RevisionFailed');
    const [before] = kubernetes.store.list('pods', 'default');
    const source = digest.replace('/test/hello@', '/v2/test/hello/manifests/');
    const manifest = await fetch(`http://${source}`);
    const found = JSON.parse(await manifest.clone().text());
    for (const blob of [found.config.digest, found.layers[0].digest]) {
      await fetch(
        `http://${registry.host}/v2/test/late/blobs/uploads/?mount=${blob}&from=test/hello`,
        { method: 'POST' },
      );
    }
    await fetch(`http://${registry.host}/v2/test/late/manifests/v1`, {
      method: 'PUT',
      headers: { 'content-type': manifest.headers.get('content-type')! },
      body: await manifest.text(),
    });
    const url = await whenReady('late');
    expect(await (await fetch(url)).text()).toBe('hello\n');
    expect(
      kubernetes.store
        .list('pods', 'default')
        .map(({ metadata }) => metadata.name),
    ).toEqual([before.metadata.name]);
  });

  it('keeps the port and drops no request when the module changes', async () => {
    create('change', { image: await pushed('hello', httpModule({})) });
    const url = await whenReady('change');
    const answers = new Set<string>();
    let going = true;
    const asking = (async () => {
      while (going) {
        const response = await fetch(url);
        answers.add(`${response.status} ${await response.text()}`);
      }
    })();
    const module = get('change');
    kubernetes.store.update('wasmmodules', {
      ...module,
      spec: {
        image: await pushed('other', httpModule({ data: 'other\\n' })),
      },
    });
    expect(await whenReady('change')).toBe(url);
    await until(() => answers.has('200 other\n'));
    going = false;
    await asking;
    expect([...answers]).toEqual(['200 hello\n', '200 other\n']);
    await until(() => kubernetes.store.list('pods').length === 1);
    expect(
      kubernetes.store
        .list('pods')
        .map(
          ({ metadata }) => metadata.labels?.['serving.knative.dev/revision'],
        ),
    ).toEqual(['change-00002']);
  });

  it('marks a module that keeps outgrowing its memory, and leaves its neighbour alone', async () => {
    create('neighbour', { image: await pushed('hello', httpModule({})) });
    create('growth', {
      image: await pushed('growth', httpModule({ body: 'grow' })),
      resources: { limits: { memory: '96Mi' } },
    });
    const [url, other] = [
      await whenReady('growth'),
      await whenReady('neighbour'),
    ];
    await until(async () => {
      await (await fetch(url)).text().catch(() => '');
      return ready('growth')?.reason === 'RevisionFailed';
    });
    expect(ready('growth')?.message).toContain('OOMKilled');
    expect(await (await fetch(other)).text()).toBe('hello\n');
    expect(ready('neighbour')?.status).toBe('True');
  });

  it('mounts a Secret for the module to read', async () => {
    kubernetes.store.create('secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mounted', namespace: 'default' },
      data: { token: Buffer.from('s3cret').toString('base64') },
    } as never);
    create('mount', {
      image: await pushed('hello', httpModule({})),
      volumes: [{ name: 'keys', secret: { secretName: 'mounted' } }],
      volumeMounts: [{ name: 'keys', mountPath: '/keys' }],
    });
    await whenReady('mount');
    const [pod] = kubernetes.store.list('pods', 'default');
    expect(
      await readFile(
        join(
          directory,
          'runner/volumes/default~mount',
          pod.metadata.name,
          'keys/token',
        ),
        'utf8',
      ),
    ).toBe('s3cret');
  });

  it('stops answering when the module is deleted', async () => {
    create('gone', { image: await pushed('hello', httpModule({})) });
    const url = await whenReady('gone');
    kubernetes.store.delete('wasmmodules', 'default', 'gone');
    await until(() =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
    await until(() => kubernetes.store.list('pods').length === 0);
    expect(kubernetes.store.list('pods')).toEqual([]);
  });

  it('answers at the same port after a restart', async () => {
    create('restart', { image: await pushed('hello', httpModule({})) });
    const url = await whenReady('restart');
    await runner.close();
    runner = await start();
    await until(() => kubernetes.store.list('pods').length === 1);
    await until(() =>
      fetch(url).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    expect(await (await fetch(url)).text()).toBe('hello\n');
    expect(await whenReady('restart')).toBe(url);
  });
});

async function until(
  happened: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await happened())) {
    await new Promise(setImmediate);
  }
}
