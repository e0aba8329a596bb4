import { createHash, timingSafeEqual } from 'node:crypto';
import { RegistryError } from './RegistryError';
import type { RegistryExchange } from './RegistryExchange';
import type { RegistryPath } from './registryPath';

/** The account that the registry asks for. @public */
export interface RegistryCredentials {
  username: string;
  password: string;
  /** Lets everybody read, so that only writing needs the account. Default: false. */
  anonymousPull?: boolean;
}

/**
 * Refuses a request that needs the account and does not have it.
 *
 * @internal
 */
export function checkLogin(
  { request, method }: RegistryExchange,
  path: RegistryPath | undefined,
  credentials: RegistryCredentials | undefined,
): void {
  if (!credentials) {
    return;
  }
  const account = readAccount(request.headers.authorization);
  // Not the version check: clients learn from its refusal how to log in for a push.
  const isRead = ['GET', 'HEAD'].includes(method) && path?.kind !== 'base';
  if (account === undefined && credentials.anonymousPull && isRead) {
    return;
  }
  const expected = `${credentials.username}:${credentials.password}`;
  if (account === undefined || !sameText(account, expected)) {
    throw new RegistryError(401, 'UNAUTHORIZED', 'authentication required', {
      'www-authenticate': 'Basic realm="local registry", charset="UTF-8"',
    });
  }
}

function readAccount(header: string | undefined): string | undefined {
  if (header === undefined) {
    return undefined;
  }
  const [, encoded] = /^basic\s+([a-z0-9+/=]+)$/i.exec(header) ?? [];
  const account = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  // skopeo without an account says so with an empty one.
  return account === ':' ? undefined : account;
}

// Equal lengths by hashing, so that the time taken tells nothing.
function sameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
