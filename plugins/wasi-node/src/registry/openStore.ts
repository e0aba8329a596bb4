import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packLayout, unpackLayout } from './layout/layoutArchive';
import { LayoutStore } from './layout/LayoutStore';
import type { ArtifactStore } from './ArtifactStore';
import type { RegistrySessions } from './registrySessions';
import { createRepositoryStore } from './repositoryStore';
import type { ArtifactLayout, ArtifactPlace } from './types';

/**
 * Opens a place for as long as it is used. An archive is unpacked before and, when
 * something was pushed, packed again after it.
 */
export async function withStore<Result>(
  sessions: RegistrySessions,
  place: ArtifactPlace,
  options: { purpose: 'pull' | 'push'; signal?: AbortSignal },
  use: (store: ArtifactStore) => Promise<Result>,
): Promise<Result> {
  const { purpose, signal } = options;
  if (typeof place === 'string') {
    const session = await sessions.open(place, purpose, { signal });
    return use(createRepositoryStore(session));
  }
  if ('image' in place) {
    return use(createRepositoryStore(sessions.openAnonymously(place.image)));
  }
  return place.kind === 'archive'
    ? withArchive(place, purpose, use)
    : use(
        await LayoutStore.open({
          directory: place.path,
          name: place.name,
          reference: place.reference,
          purpose,
        }),
      );
}

async function withArchive<Result>(
  { path, name, reference }: ArtifactLayout,
  purpose: 'pull' | 'push',
  use: (store: ArtifactStore) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'wasi-layout-'));
  try {
    await unpackLayout(path, directory);
    const store = await LayoutStore.open({
      directory,
      name,
      reference,
      purpose,
    });
    const result = await use(store);
    if (purpose === 'push') {
      await packLayout(directory, path);
    }
    return result;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
