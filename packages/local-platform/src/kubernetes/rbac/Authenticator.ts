import { createHash } from 'node:crypto';
import { unauthorized } from '../status/refusals';
import type { KubernetesUser, RequestUser } from './PolicyRule';

/** Tells users by their bearer tokens. */
export class Authenticator {
  private readonly users: Map<string, RequestUser>;

  constructor(users: KubernetesUser[]) {
    this.users = new Map(
      users.map(({ token, name, groups = [], rules }) => [
        digest(token),
        { name, groups: [...groups, 'system:authenticated'], rules },
      ]),
    );
  }

  /** @throws KubernetesStatusError 401 */
  authenticate(authorization: string | undefined): RequestUser {
    const token = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
    // Found by digest, so that the time taken tells nothing about a token.
    const user = token && this.users.get(digest(token));
    if (!user) {
      throw unauthorized();
    }
    return user;
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
