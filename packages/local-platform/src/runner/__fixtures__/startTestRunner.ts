import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import { startKubernetesApi } from '../../kubernetes';
import { startRegistry } from '../../registry';
import { startRunner, type Runner, type RunnerOptions } from '../startRunner';

// eslint-disable-next-line no-restricted-syntax -- fixtures are in no build
const root = resolve(__dirname, '../../../../..');
const toolchainsDirectory =
  process.env.WASI_TOOLCHAINS_DIRECTORY ?? join(root, '.toolchains');

/** Modules run with jco; where it is not installed their tests are skipped. */
export const describeWithJco = existsSync(join(toolchainsDirectory, 'jco'))
  ? describe
  : describe.skip;

/** A runner with its own Kubernetes API and registry, and what its tests do with them. */
export async function startTestRunner(options: Partial<RunnerOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-runner-test-'));
  const registry = await startRegistry({
    directory: join(directory, 'registry'),
  });
  const kubernetes = await startKubernetesApi({
    directory: join(directory, 'kubernetes'),
    port: 0,
    logSource: { async *read() {} },
  });
  const { store } = kubernetes;
  const config: WasiConfig = {
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
  const start = () =>
    startRunner({
      store,
      directory: join(directory, 'runner'),
      toolchainsDirectory,
      insecureRegistries: [registry.host],
      ports: { first: 0, last: 0 },
      retryAfterMs: 200,
      ...options,
    });
  const images = new Map<string, string>();
  let runner: Runner = await start();

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
    return store.create<WasmModule>('wasmmodules', {
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: { name, namespace: 'default' },
      spec,
    });
  }

  const get = (name: string): WasmModule =>
    store.get<WasmModule>('wasmmodules', 'default', name)!;

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
    store
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

  const podsOf = (name: string) =>
    store
      .list('pods', 'default')
      .filter(
        ({ metadata }) =>
          metadata.labels?.['serving.knative.dev/service'] === name,
      );

  async function readLog(pod: string): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of runner.logSource.read('default', pod, {})) {
      lines.push(line);
    }
    return lines;
  }

  return {
    directory,
    registry,
    store,
    pushed,
    create,
    get,
    ready,
    whenReady,
    eventsOf,
    podsOf,
    readLog,
    logSource: () => runner.logSource,
    async restart() {
      await runner.close();
      runner = await start();
    },
    async removeModules() {
      for (const { metadata } of store.list('wasmmodules')) {
        store.delete('wasmmodules', 'default', metadata.name);
      }
      await until(() => store.list('pods').length === 0);
    },
    async close() {
      await runner.close();
      await kubernetes.close();
      await registry.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A runner under test, see {@link startTestRunner}. */
export type TestRunner = Awaited<ReturnType<typeof startTestRunner>>;

/** Waits without a clock: the test's own deadline ends it. */
export async function until(
  happened: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await happened())) {
    await new Promise(setImmediate);
  }
}
