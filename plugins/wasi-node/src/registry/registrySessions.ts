import { setTimeout } from 'node:timers/promises';
import type { WasiConfig } from '../config';
import type { ModuleRegistryOptions } from './createModuleRegistry';
import { findCredentials, type RegistryCredentials } from './credentials';
import { LoginCache } from './loginCache';
import { RegistryFailure } from './RegistryFailure';
import { createRegistrySession, type RegistrySession } from './registrySession';
import {
  canonicalHost,
  selectRegistry,
  type RegistryTarget,
} from './registryTarget';
import { createTransport, type RegistryTimeouts } from './transport';

/** Opens sessions with the registries of the configuration, and with no others. */
export interface RegistrySessions {
  /** As the account that the configuration has for the host. */
  open(
    reference: string,
    purpose: 'pull' | 'push',
    options?: { signal?: AbortSignal },
  ): Promise<RegistrySession>;
  /** As everybody. */
  openAnonymously(reference: string): RegistrySession;
}

const defaultTimeouts: RegistryTimeouts = {
  connect: 10_000,
  idle: 30_000,
  store: 5 * 60_000,
  request: 60_000,
  blob: 30 * 60_000,
};

/** Creates sessions that share connections and logins. */
export function createRegistrySessions(
  config: WasiConfig,
  options: ModuleRegistryOptions = {},
): RegistrySessions {
  const transport = createTransport(
    { ...defaultTimeouts, ...options.timeouts },
    {
      listedHosts: config.registries.map(entry => canonicalHost(entry.host)),
      resolve: options.resolve,
    },
  );
  const insecureHosts = config.registries
    .filter(entry => entry.insecure)
    .map(entry => canonicalHost(entry.host));
  const logins = new LoginCache();

  function openAs(
    credentials: RegistryCredentials,
    target: RegistryTarget,
    { actions, cache }: { actions: 'pull' | 'pull,push'; cache: LoginCache },
  ): RegistrySession {
    return createRegistrySession({
      target,
      credentials,
      actions,
      insecureHosts,
      transport,
      pause: options.pause ?? pauseFor,
      saved: cache.slot({ target, credentials, actions }),
    });
  }

  return {
    async open(reference, purpose, { signal } = {}) {
      const target = selectRegistry(config, reference, purpose);
      const credentials = await findCredentials(config, target, { signal });
      return openAs(credentials, target, {
        actions: purpose === 'push' ? 'pull,push' : 'pull',
        cache: logins,
      });
    },

    openAnonymously(reference) {
      return openAs(
        { kind: 'anonymous' },
        selectRegistry(config, reference, 'pull'),
        // A token of a minute ago tells what was allowed then.
        { actions: 'pull', cache: new LoginCache() },
      );
    },
  };
}

async function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch {
    // Only the signal ends a pause.
    throw new RegistryFailure('REGISTRY_ABORTED', {
      message: 'The transfer was cancelled',
    });
  }
}
