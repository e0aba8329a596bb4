import type { lookup as resolveHost } from 'node:dns';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../config';
import { describeManifest, parseManifest } from './artifactManifest';
import type { ArtifactStore } from './ArtifactStore';
import { deleteManifest, findManifest } from './manifests';
import { withStore } from './openStore';
import { RegistryFailure } from './RegistryFailure';
import { createRegistrySessions } from './registrySessions';
import type { RegistryTarget } from './registryTarget';
import type { Pause } from './retry';
import { copyArtifact } from './transfer/copyArtifact';
import { pullModule } from './transfer/pullModule';
import { pushModule } from './transfer/pushModule';
import type { RegistryTimeouts } from './transport';
import type { ArtifactPlace, ArtifactTarget, ModuleRegistry } from './types';

/**
 * How patient a registry client is.
 *
 * @public
 */
export interface ModuleRegistryOptions {
  /** Milliseconds; see the defaults in the README. */
  timeouts?: Partial<RegistryTimeouts>;
  /** Waits before something is tried again; replaced in tests. */
  pause?: Pause;
  /** Finds the addresses of a host; replaced in tests. */
  resolve?: typeof resolveHost;
}

/**
 * Creates the registry client of the plugin set.
 *
 * @param config - Only the registries that it lists are spoken to.
 * @public
 */
export function createModuleRegistry(
  config: WasiConfig,
  options: ModuleRegistryOptions = {},
): ModuleRegistry {
  const sessions = createRegistrySessions(config, options);
  const open = <Result>(
    place: ArtifactPlace,
    how: { purpose: 'pull' | 'push'; signal?: AbortSignal },
    use: (store: ArtifactStore) => Promise<Result>,
  ) => withStore(sessions, place, how, use);

  return {
    async push(push) {
      const { reference, beside, signal } = push;
      const purpose = { purpose: 'push', signal } as const;
      return open(requireTag(reference, 'push'), purpose, store =>
        beside === undefined
          ? pushModule(store, push)
          : open(beside, { purpose: 'pull', signal }, other =>
              pushModule(store, push, other),
            ),
      );
    },

    describe(reference, { signal } = {}) {
      return open(reference, { purpose: 'pull', signal }, async store => {
        const document = await store.getManifest(store.reference, signal);
        return {
          image: `${store.name}@${document.digest}`,
          digest: document.digest,
          ...describeManifest(parseManifest(document, store.name)),
        };
      });
    },

    pull(reference, targetPath, pull) {
      const { signal } = pull;
      return open(reference, { purpose: 'pull', signal }, store =>
        pullModule(store, targetPath, pull),
      );
    },

    async copy({ from, to, ...copy }) {
      const { signal } = copy;
      return open(from, { purpose: 'pull', signal }, source =>
        open(requireTag(to, 'copy'), { purpose: 'push', signal }, target =>
          copyArtifact(source, target, copy),
        ),
      );
    },

    async delete(reference, { signal } = {}) {
      const session = await sessions.open(reference, 'push', { signal });
      const { digest } = session.target.reference;
      if (digest === undefined) {
        throw new WasiError('IMAGE_REFERENCE_INVALID', {
          message: `${reference} names no digest, and other tags may name what it names`,
          remedy: 'Name what is to be deleted by its digest.',
        });
      }
      await deleteManifest(session, digest, signal);
    },

    async canPullAnonymously(reference, { signal } = {}) {
      const session = sessions.openAnonymously(reference);
      try {
        return (
          (await findManifest(session, referenceOf(session.target), signal)) !==
          undefined
        );
      } catch (error) {
        if (
          error instanceof RegistryFailure &&
          ['REGISTRY_UNAUTHENTICATED', 'REGISTRY_FORBIDDEN'].includes(
            error.code,
          )
        ) {
          return false;
        }
        throw error;
      }
    },
  };
}

/** The digest of what is written comes out of its content. */
function requireTag(
  place: ArtifactTarget,
  what: 'push' | 'copy',
): ArtifactTarget {
  const reference = typeof place === 'string' ? place : place.reference ?? '';
  if (/@?sha(256|512):[a-f0-9]+$/.test(reference)) {
    throw new WasiError('IMAGE_REFERENCE_INVALID', {
      message: `${reference} names a digest, which a ${what} cannot choose`,
      remedy: `${
        what === 'push' ? 'Push' : 'Copy'
      } to a tag; the digest is part of the answer.`,
    });
  }
  return place;
}

function referenceOf({ reference }: RegistryTarget): string {
  return reference.digest ?? reference.tag ?? 'latest';
}
