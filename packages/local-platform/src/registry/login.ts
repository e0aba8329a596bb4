import { createHash, timingSafeEqual } from 'node:crypto';
import { RegistryError } from './RegistryError';
import type { RegistryExchange } from './RegistryExchange';

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
  credentials: RegistryCredentials | undefined,
): void {
  if (!credentials) {
    return;
  }
  const header = request.headers.authorization;
  if (
    !header &&
    credentials.anonymousPull &&
    ['GET', 'HEAD'].includes(method)
  ) {
    return;
  }
  const expected = `${credentials.username}:${credentials.password}`;
  const [, given] = /^basic\s+([a-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (
    given === undefined ||
    !sameText(Buffer.from(given, 'base64').toString('utf8'), expected)
  ) {
    throw new RegistryError(401, 'UNAUTHORIZED', 'authentication required', {
      'www-authenticate': 'Basic realm="local registry", charset="UTF-8"',
    });
  }
}

// Equal lengths by hashing, so that the time taken tells nothing.
function sameText(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
