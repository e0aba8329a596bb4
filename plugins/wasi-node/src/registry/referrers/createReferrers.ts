import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasiConfig } from '../../config';
import type { ModuleRegistryOptions } from '../createModuleRegistry';
import type { RegistrySession } from '../registrySession';
import { createRegistrySessions } from '../registrySessions';
import { attachReferrers } from './attachReferrers';
import { fetchReferrer } from './fetchReferrer';
import { listReferrers } from './listReferrers';
import type { Referrers } from './types';

/**
 * Creates the client for what is attached to images.
 *
 * @param config - Only the registries that it lists are spoken to.
 * @public
 */
export function createReferrers(
  config: WasiConfig,
  options: ModuleRegistryOptions = {},
): Referrers {
  const sessions = createRegistrySessions(config, options);
  return {
    async attach(image, contents, { signal } = {}) {
      const session = await sessions.open(image, 'push', { signal });
      const subject = digestOf(session, image);
      return attachReferrers(session, { subject, contents, signal });
    },

    async list(image, { artifactType, signal } = {}) {
      const session = await sessions.open(image, 'pull', { signal });
      const subject = digestOf(session, image);
      const { referrers, complete } = await listReferrers(session, {
        subject,
        artifactType,
        signal,
      });
      return { referrers, complete };
    },

    async fetch(image, digest, { maxBytes, signal }) {
      const session = await sessions.open(image, 'pull', { signal });
      const subject = digestOf(session, image);
      return fetchReferrer(session, { subject, digest, maxBytes, signal });
    },
  };
}

// A tag may name another image by the time that its referrers are looked at.
function digestOf({ target }: RegistrySession, image: string): string {
  if (target.reference.digest === undefined) {
    throw new WasiError('IMAGE_REFERENCE_INVALID', {
      message: `${image} names no digest, and something is attached to a digest only`,
    });
  }
  return target.reference.digest;
}
