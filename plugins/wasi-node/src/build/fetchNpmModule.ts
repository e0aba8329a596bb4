import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { Parser, type ReadEntry } from 'tar';
import { z } from 'zod';
import { download } from './download';
import type { BuildRun } from './types';

const REGISTRY = 'https://registry.npmjs.org';
const MAX_METADATA_BYTES = 4 * 1024 * 1024;
/** All files of the package together, unpacked. */
const MAX_UNPACKED_FACTOR = 5;

const SOURCE =
  /^npm:((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)@(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)\/(.+)$/;

const metadataSchema = z.object({
  dist: z.object({
    tarball: z.string(),
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==(?:$|\s)/),
  }),
});

/**
 * Gets a file out of an npm package, such as
 * `npm:@scope/package@1.2.3/dist/module.wasm`, and checks the package against
 * the integrity that the registry vouches for.
 *
 * @returns Path of the file.
 * @internal
 */
export async function fetchNpmModule(
  run: BuildRun,
  source: string,
): Promise<string> {
  const [, name, version, path] = SOURCE.exec(source) ?? [];
  if (!name) {
    throw new WasiError('INPUT_INVALID', {
      message: `build.source of func.yaml is ${JSON.stringify(source)}.`,
      remedy:
        'Write an npm source as npm:package@1.2.3/path/to/module.wasm, with an exact version.',
    });
  }
  run.log(`Download ${path} of ${name}@${version} from the npm registry`);
  const { tarball, integrity } = await readMetadata(run, name, version);
  const archive = await download(run, {
    url: tarball,
    target: join(run.scratch, 'package.tgz'),
    maxBytes: run.config.build.maxModuleBytes,
  });
  await requireIntegrity(archive, integrity, `${name}@${version}`);
  const target = join(run.scratch, 'download.wasm');
  await extract(run, { archive, path, target, package: `${name}@${version}` });
  return target;
}

async function readMetadata(
  run: BuildRun,
  name: string,
  version: string,
): Promise<{ tarball: string; integrity: string }> {
  const file = await download(run, {
    url: `${REGISTRY}/${name.replace('/', '%2f')}/${encodeURIComponent(
      version,
    )}`,
    target: join(run.scratch, 'package.json'),
    maxBytes: MAX_METADATA_BYTES,
    accept: 'application/json',
  });
  try {
    return metadataSchema.parse(JSON.parse(await readFile(file, 'utf8'))).dist;
  } catch (error) {
    throw new WasiError('SOURCE_DOWNLOAD_FAILED', {
      message: `The npm registry does not tell where ${name}@${version} lies and what its digest is.`,
      cause: error,
    });
  }
}

async function requireIntegrity(
  archive: string,
  integrity: string,
  name: string,
): Promise<void> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(archive)) {
    hash.update(chunk);
  }
  if (!integrity.split(/\s+/).includes(`sha512-${hash.digest('base64')}`)) {
    throw new WasiError('SOURCE_DIGEST_MISMATCH', {
      message: `The package ${name} that was downloaded is not the one that the npm registry vouches for.`,
    });
  }
}

async function extract(
  run: BuildRun,
  options: { archive: string; path: string; target: string; package: string },
): Promise<void> {
  const { maxModuleBytes } = run.config.build;
  let found: Promise<Buffer> | undefined;
  const parser = new Parser({
    strict: true,
    onReadEntry: entry => {
      // Everything in a package lies in one folder, mostly called `package`.
      const inner = entry.path.replace(/^[^/]*\//, '');
      if (!found && inner === options.path && entry.type === 'File') {
        found = collect(entry, maxModuleBytes);
        // Awaited below; until then nobody may call it unhandled.
        found.catch(() => undefined);
      } else {
        entry.resume();
      }
    },
  });
  const failure = new Promise<never>((_, reject) => parser.on('error', reject));
  failure.catch(() => undefined);
  try {
    let size = 0;
    for await (const chunk of createReadStream(options.archive).pipe(
      createGunzip(),
    )) {
      size += chunk.length;
      if (size > MAX_UNPACKED_FACTOR * maxModuleBytes) {
        throw tooLarge(options.package);
      }
      parser.write(chunk);
    }
    parser.end();
    const bytes = found && (await Promise.race([found, failure]));
    if (!bytes) {
      throw new WasiError('SOURCE_MISSING', {
        message: `The package ${options.package} holds no file ${options.path}.`,
      });
    }
    await writeFile(options.target, bytes, { flag: 'wx' });
  } catch (error) {
    throw isWasiError(error)
      ? error
      : new WasiError('SOURCE_DOWNLOAD_FAILED', {
          message: `The package ${options.package} cannot be unpacked.`,
          cause: error,
        });
  }

  async function collect(entry: ReadEntry, maxBytes: number): Promise<Buffer> {
    if (entry.size > maxBytes) {
      entry.resume();
      throw tooLarge(options.package);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of entry) {
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function tooLarge(name: string): WasiError {
  return new WasiError('MODULE_TOO_LARGE', {
    message: `The package ${name} or the module in it is too large.`,
  });
}
