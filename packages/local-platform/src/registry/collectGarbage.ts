import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ManifestFacts } from './manifestDocument';
import { list, type RegistryFolder } from './RegistryFolder';

// A push may have stored its blobs before the restart, and its manifest comes after it.
const keptMs = 24 * 60 * 60 * 1000;

/**
 * Frees what nobody can reach any more, before anybody is served: blobs that no
 * manifest of their repository names and that are older than a day, and what a
 * killed process had not yet given a name to.
 *
 * @internal
 */
export async function collectGarbage(folder: RegistryFolder): Promise<void> {
  const kept = new Set<string>();
  for await (const name of folder.repositories()) {
    for (const digest of await keptBlobs(folder, name)) {
      kept.add(digest);
    }
  }
  for (const digest of await digestsIn(folder.blobs())) {
    if (!kept.has(digest)) {
      await rm(folder.blob(digest), { force: true });
    }
  }
}

async function keptBlobs(
  folder: RegistryFolder,
  name: string,
): Promise<string[]> {
  const named = await blobsOfManifests(folder, name);
  const kept: string[] = [];
  for (const digest of await digestsIn(folder.blobLinks(name))) {
    const link = folder.blobLink(name, digest);
    if (named.has(digest) || Date.now() - (await stat(link)).mtimeMs < keptMs) {
      kept.push(digest);
    } else {
      await rm(link, { force: true });
    }
  }
  return kept;
}

async function blobsOfManifests(
  folder: RegistryFolder,
  name: string,
): Promise<Set<string>> {
  const named = new Set<string>();
  const files = await digestsIn(folder.manifests(name));
  const whole = new Set(files);
  for (const file of files) {
    if (file.endsWith('.json')) {
      const text = await readFile(folder.manifest(name, file), 'utf8');
      (JSON.parse(text) as ManifestFacts).blobs.forEach(blob =>
        named.add(blob),
      );
    } else if (!whole.has(`${file}.json`)) {
      await rm(folder.manifest(name, file), { force: true });
    }
  }
  return named;
}

/** What lies in `<algorithm>/<hex>` below a folder, as `algorithm:hex`. */
async function digestsIn(directory: string): Promise<string[]> {
  const found = await Promise.all(
    (
      await list(directory)
    ).map(async algorithm =>
      (
        await list(join(directory, algorithm))
      ).map(hex => `${algorithm}:${hex}`),
    ),
  );
  return found.flat();
}
