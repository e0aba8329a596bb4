import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLayout } from './largeModule';
import { median, sideBySide } from './measure';
import { startBenchPortal, type BenchPortal } from './portal';
import { missing, root, run } from './programs';
import type { Result } from './report';
import { jcoCommand } from './toolchain';

const ROUNDS = 6;
const BAR = 1.15;
const SKELETON = join(root, 'templates/wasi-function/skeletons/js-wasi');

export const title = 'A template run against the same steps by hand';

/** Build, push, deploy, wait: as steps of a template, and with jco, skopeo and kubectl. */
export async function measure(): Promise<Result[]> {
  const absent = missing('skopeo', 'kubectl');
  if (absent.length > 0) {
    throw new Error(`${absent.join(' and ')} not installed.`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  let portal: BenchPortal | undefined;
  try {
    const rounds = [...Array(ROUNDS).keys(), 'warm'];
    for (const round of rounds) {
      await writeSources(join(directory, 'skeletons', `${round}`), `${round}`);
      await writeSources(
        join(directory, 'by-hand', `${round}`),
        `hand ${round}`,
      );
    }
    const template = join(directory, 'template.yaml');
    await cp(join(__dirname, '__fixtures__/template.yaml'), template);
    portal = await startBenchPortal({ templates: [template] });
    const { runTemplate, registryHost } = portal;
    const byTemplate = (round: number | string) =>
      runTemplate('bench', {
        name: `template-${round}`,
        round: `${round}`,
        registry: `${registryHost}/functions`,
      });
    const byHand = (round: number | string) =>
      deployByHand(
        portal!,
        join(directory, 'by-hand', `${round}`),
        `hand-${round}`,
      );
    await byTemplate('warm');
    await byHand('warm');
    const samples = await sideBySide(ROUNDS, byTemplate, byHand);
    const ours = median(samples.ours);
    const theirs = median(samples.theirs);
    return [
      {
        what: 'js-wasi: build, push, deploy, Ready',
        measured: `${ours.toFixed(0)} ms, ratio ${(ours / theirs).toFixed(2)}`,
        bar: `by hand ${theirs.toFixed(0)} ms; ≤ ${BAR}`,
        met: ours / theirs <= BAR,
      },
    ];
  } finally {
    await portal?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A source that was not built before. */
async function writeSources(directory: string, mark: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await cp(SKELETON, directory, { recursive: true });
  const file = join(directory, 'answer.js');
  await writeFile(file, `${await readFile(file, 'utf8')}\n// ${mark}\n`);
}

async function deployByHand(
  { registryHost, kubeconfig }: BenchPortal,
  directory: string,
  name: string,
): Promise<void> {
  const jco = jcoCommand();
  const module = join(directory, 'module.wasm');
  await run(
    jco.command,
    [
      ...jco.args,
      'componentize',
      'handler.js',
      '--bundle',
      '-w',
      'wit',
      '-n',
      'function',
      '-o',
      module,
    ],
    { cwd: directory },
  );
  const layout = join(directory, 'layout');
  await writeLayout(layout, await readFile(module));
  const image = `${registryHost}/functions/${name}:latest`;
  await run('skopeo', [
    '--insecure-policy',
    'copy',
    '--quiet',
    '--dest-tls-verify=false',
    `oci:${layout}`,
    `docker://${image}`,
  ]);
  const manifest = join(directory, 'module.json');
  await writeFile(
    manifest,
    JSON.stringify({
      apiVersion: 'wasm.serving.knative.dev/v1alpha1',
      kind: 'WasmModule',
      metadata: { name, namespace: 'default' },
      spec: { image },
    }),
  );
  const kubectl = (...args: string[]) =>
    run('kubectl', [`--kubeconfig=${kubeconfig}`, ...args]);
  await kubectl('apply', '-f', manifest);
  await kubectl(
    'wait',
    '--for=condition=Ready',
    '--timeout=120s',
    `wasmmodule/${name}`,
  );
}
