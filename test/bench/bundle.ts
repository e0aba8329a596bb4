import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root, run } from './programs';
import type { Result } from './report';

const ENTRY_BAR = 15;
const LAZY_BAR = 120;
const APP = join(root, 'packages/app');

export const title = 'What the plugin adds to the portal';

/** The portal built with the frontend plugin and without it, gzipped. */
export async function measure(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-bench-'));
  try {
    const withPlugin = await build(join(directory, 'with'), 'all');
    const without = await build(join(directory, 'without'), {
      exclude: ['@wasi-functions/backstage-plugin-wasi'],
    });
    const entry = (withPlugin.entry - without.entry) / 1024;
    const lazy = (withPlugin.lazy - without.lazy) / 1024;
    return [
      {
        what: 'in the entry, loaded on every page',
        measured: `${entry.toFixed(1)} KiB of ${(
          withPlugin.entry / 1024
        ).toFixed(0)}`,
        bar: `≤ ${ENTRY_BAR} KiB`,
        met: entry <= ENTRY_BAR,
      },
      {
        what: 'in chunks, loaded when shown',
        measured: `${lazy.toFixed(1)} KiB`,
        bar: `≤ ${LAZY_BAR} KiB`,
        met: lazy <= LAZY_BAR,
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function build(
  target: string,
  packages: unknown,
): Promise<{ entry: number; lazy: number }> {
  await run(
    join(root, 'node_modules/.bin/backstage-cli'),
    ['package', 'build'],
    {
      cwd: APP,
      env: {
        ...process.env,
        APP_CONFIG_app_packages: JSON.stringify(packages),
      },
    },
  );
  await rename(join(APP, 'dist'), target);
  const html = await readFile(join(target, 'index.html'), 'utf8');
  const sizes = { entry: 0, lazy: 0 };
  for (const name of await readdir(join(target, 'static'))) {
    if (/\.(js|css)$/.test(name)) {
      const size = gzipSync(
        await readFile(join(target, 'static', name)),
      ).length;
      sizes[html.includes(`/static/${name}`) ? 'entry' : 'lazy'] += size;
    }
  }
  return sizes;
}
