import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, relative } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { componentize } from './componentize';
import { download } from './download';
import { fetchImage, isImageSource } from './fetchImage';
import { fetchNpmModule } from './fetchNpmModule';
import { findSource } from './findSource';
import type { BuildRun } from './types';

/**
 * Gets a module that exists already: in the repository, at an https address, in
 * an npm package or in a registry, as `build.source` of func.yaml says.
 *
 * @returns Path of a component.
 * @internal
 */
export async function fetchPrebuilt(run: BuildRun): Promise<string> {
  const path = await run.progress.run('fetch', async () => {
    const fetched = await fetchModule(run);
    await requireDigest(run, fetched);
    return fetched;
  });
  return componentize(run, path);
}

/**
 * Whether `build.source` names a module elsewhere, and not in the repository.
 *
 * @internal
 */
export function isRemoteSource(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(source);
}

async function fetchModule(run: BuildRun): Promise<string> {
  const source = run.funcConfig.build.source;
  if (source?.startsWith('npm:')) {
    return fetchNpmModule(run, source);
  }
  if (isImageSource(source)) {
    return fetchImage(run, source);
  }
  if (source && isRemoteSource(source)) {
    run.log(`Download ${withoutQuery(source)}`);
    return download(run, {
      url: source,
      target: join(run.scratch, 'download.wasm'),
      maxBytes: run.config.build.maxModuleBytes,
    });
  }
  const path = await findSource(run);
  run.log(`Take ${relative(run.directory, path)} from the repository`);
  return path;
}

/** A query may hold a signature. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '');
}

async function requireDigest(run: BuildRun, path: string): Promise<void> {
  const expected = run.funcConfig.build.digest;
  if (expected === undefined) {
    return;
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
  }
  const digest = `sha256:${hash.digest('hex')}`;
  if (digest !== expected.toLowerCase()) {
    throw new WasiError('SOURCE_DIGEST_MISMATCH', {
      message: `The module has the digest ${digest}; func.yaml expects ${expected}.`,
    });
  }
}
