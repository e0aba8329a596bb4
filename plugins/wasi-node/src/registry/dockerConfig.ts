import { open } from 'node:fs/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { askCredentialHelper } from './credentialHelper';
import type { RegistryCredentials } from './credentials';
import { canonicalHost } from './registryTarget';

/** Docker's key for Docker Hub, and what credential helpers know it by. */
const dockerHubKey = 'https://index.docker.io/v1/';
const maxFileBytes = 1024 * 1024;

const fileSchema = z.looseObject({
  auths: z
    .record(
      z.string(),
      z.looseObject({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
        registrytoken: z.string().optional(),
      }),
    )
    .optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});

type DockerConfig = z.infer<typeof fileSchema>;
type AuthEntry = NonNullable<DockerConfig['auths']>[string];

/** @internal */
export interface FindOptions {
  signal?: AbortSignal;
}

/**
 * Finds credentials in Docker's `config.json` or containers' `auth.json`: the
 * helper of the host, then the common store, then the file itself.
 *
 * The file is read each time, so that renewed credentials count at once.
 *
 * @throws WasiError `CREDENTIALS_INVALID`
 */
export async function findInDockerConfig(
  path: string,
  repository: { host: string; repository: string },
  options: FindOptions = {},
): Promise<RegistryCredentials> {
  const config = await readDockerConfig(path);
  const { host } = repository;
  const ofHost = Object.entries(config.credHelpers ?? {}).find(
    ([key]) => splitKey(key).host === host,
  )?.[1];
  const serverUrl = host === 'docker.io' ? dockerHubKey : host;
  for (const helper of [ofHost, config.credsStore]) {
    if (helper) {
      const found = await askCredentialHelper({
        helper,
        serverUrl,
        signal: options.signal,
      });
      if (found) {
        return found;
      }
    }
  }
  const entry = findEntry(config, repository);
  return entry ? toCredentials(entry, { path, host }) : { kind: 'anonymous' };
}

async function readDockerConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readSmallFile(path);
  } catch (error) {
    throw invalid(
      `The file of \`wasi.dockerConfig\` cannot be read (${
        (error as NodeJS.ErrnoException).code ?? 'it is too large'
      })`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds secrets.
    throw invalid('The file of `wasi.dockerConfig` is not a JSON document');
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const at = parsed.error.issues[0].path.join('.');
    throw invalid(
      `The file of \`wasi.dockerConfig\` has a wrong value at ${at}`,
    );
  }
  return parsed.data;
}

async function readSmallFile(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    if ((await file.stat()).size > maxFileBytes) {
      throw new Error('too large');
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

// Equality of canonical keys, never a substring, which a look-alike host would match.
function findEntry(
  config: DockerConfig,
  { host, repository }: { host: string; repository: string },
): AuthEntry | undefined {
  return Object.entries(config.auths ?? {})
    .map(([key, entry]) => ({ ...splitKey(key), entry }))
    .filter(
      key =>
        key.host === host &&
        (key.path === '' ||
          repository === key.path ||
          repository.startsWith(`${key.path}/`)),
    )
    .filter(({ entry }) => Object.values(entry).some(Boolean))
    .sort((a, b) => b.path.length - a.path.length)[0]?.entry;
}

// `host`, `host:port`, `https://host/v1/`, and in auth.json `host/namespace/path`.
function splitKey(key: string): { host: string; path: string } {
  const withoutScheme = key.replace(/^https?:\/\//i, '');
  const slash = withoutScheme.indexOf('/');
  const host = slash < 0 ? withoutScheme : withoutScheme.slice(0, slash);
  const path = slash < 0 ? '' : withoutScheme.slice(slash + 1);
  const isApiPath = withoutScheme !== key || /^v[12]\/?$/.test(path);
  return {
    host: canonicalHost(host),
    path: isApiPath ? '' : path.replace(/\/+$/, ''),
  };
}

function toCredentials(
  entry: AuthEntry,
  { path, host }: { path: string; host: string },
): RegistryCredentials {
  if (entry.registrytoken) {
    return { kind: 'bearer', token: entry.registrytoken };
  }
  if (entry.identitytoken) {
    return { kind: 'identity', token: entry.identitytoken };
  }
  if (entry.username !== undefined && entry.password !== undefined) {
    const { username, password } = entry;
    return { kind: 'basic', username, password };
  }
  const decoded = Buffer.from(entry.auth ?? '', 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) {
    throw invalid(
      `The entry for ${host} in ${path} is not base64 of \`user:password\``,
    );
  }
  return {
    kind: 'basic',
    username: decoded.slice(0, colon),
    // Docker writes a NUL after some passwords.
    password: decoded.slice(colon + 1).replace(/\0+$/, ''),
  };
}

function invalid(message: string): WasiError {
  return new WasiError('CREDENTIALS_INVALID', { message });
}
