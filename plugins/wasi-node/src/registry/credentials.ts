import type { WasiConfig } from '../config';
import { findInDockerConfig, type FindOptions } from './dockerConfig';
import type { RegistryTarget } from './registryTarget';

/** How we show a registry who we are. */
export type RegistryCredentials =
  | { kind: 'anonymous' }
  | { kind: 'basic'; username: string; password: string }
  /** A bearer token that is ready for use. */
  | { kind: 'bearer'; token: string }
  /** A refresh token, which the login server exchanges for a bearer token. */
  | { kind: 'identity'; token: string };

/**
 * Finds the credentials for the host that we address: those of the
 * configuration, else those that `wasi.dockerConfig` holds or leads to.
 *
 * @throws WasiError `CREDENTIALS_INVALID`
 */
export async function findCredentials(
  config: WasiConfig,
  target: RegistryTarget,
  options?: FindOptions,
): Promise<RegistryCredentials> {
  const { username, password, token } = target.entry;
  if (token !== undefined) {
    return { kind: 'bearer', token };
  }
  if (username !== undefined && password !== undefined) {
    return { kind: 'basic', username, password };
  }
  return config.dockerConfig === undefined
    ? { kind: 'anonymous' }
    : findInDockerConfig(config.dockerConfig, target, options);
}
