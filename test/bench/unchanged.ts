import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { startRegistry } from '@wasi-functions/local-platform';
import { parseFuncYaml } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createModuleBuilder,
  createModuleRegistry,
  createToolchains,
  inspectModule,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { median, milliseconds } from './measure';
import { root } from './programs';
import type { Result } from './report';
import { toolchainsDirectory } from './toolchain';

const ROUNDS = 10;
const BAR = 200;

export const title = 'Unchanged sources, again';

/** Build, inspect and push a js-wasi function whose sources did not change. */
export async function measure(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  const registry = await startRegistry({
    directory: join(directory, 'registry'),
    port: 0,
  });
  try {
    const config = readWasiConfig(
      new ConfigReader({
        wasi: {
          registries: [{ host: registry.host, insecure: true }],
          toolchains: { directory: toolchainsDirectory },
          build: { cacheDirectory: join(directory, 'cache') },
        },
      }),
    );
    const client = createModuleRegistry(config);
    const builder = createModuleBuilder({
      config,
      toolchains: createToolchains(config),
      registry: client,
    });
    const { config: funcConfig } = parseFuncYaml(
      'specVersion: 0.36.0\nname: bench\nruntime: js-wasi\n',
    );
    let uploaded = 0;
    const buildAndPush = async (round: number) => {
      // Each run has a workspace of its own, as with templates.
      const workspace = join(directory, `workspace-${round}`);
      await cp(
        join(root, 'templates/wasi-function/skeletons/js-wasi'),
        workspace,
        { recursive: true },
      );
      return milliseconds(async () => {
        const built = await builder.build({
          directory: workspace,
          funcConfig: funcConfig!,
          log: () => {},
        });
        const pushed = await client.push({
          path: built.path,
          reference: `${registry.host}/functions/bench:latest`,
          inspection: await inspectModule(built.path),
          annotations: {},
          created: '2026-01-01T00:00:00Z',
        });
        uploaded = pushed.uploadedBytes;
      });
    };
    const first = await buildAndPush(0);
    const again = [];
    let sent = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      again.push(await buildAndPush(round));
      sent += uploaded;
    }
    const ours = median(again);
    return [
      {
        what: 'js-wasi: build, inspect and push, nothing changed',
        measured: `${ours.toFixed(0)} ms, ${sent} bytes sent`,
        bar: `first time ${first.toFixed(0)} ms; ≤ ${BAR} ms, 0 bytes`,
        met: ours <= BAR && sent === 0,
      },
    ];
  } finally {
    await registry.close();
    await rm(directory, { recursive: true, force: true });
  }
}
