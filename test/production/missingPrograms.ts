import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kubeApiserverAssets } from '@wasi-functions/local-platform/testing';
import { findPostgres } from '../../scripts/lib/startPostgres.mjs';
import { missing } from '../bench/programs';

/** What the run needs beside Node.js, and is not there. */
export async function missingPrograms(): Promise<string[]> {
  const needed: Record<string, unknown> = {
    PostgreSQL: findPostgres(),
    'kube-apiserver (node scripts/install-envtest.mjs)': kubeApiserverAssets,
    Chromium: process.env.CHROMIUM_PATH,
    'jco (node scripts/install-toolchains.mjs)': existsSync(
      join(process.env.WASI_TOOLCHAINS_DIRECTORY!, 'jco'),
    ),
  };
  return [
    ...missing('docker-registry', 'kubectl', 'git', 'tar'),
    ...Object.keys(needed).filter(name => !needed[name]),
  ];
}
