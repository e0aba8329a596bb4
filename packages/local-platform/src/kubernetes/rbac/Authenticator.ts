import { createHash } from 'node:crypto';
import { unauthorized } from '../status/refusals';
import { accountGroups, accountUser } from './accounts';
import type { AccountTokens } from './AccountTokens';
import type { KubernetesUser, PolicyRule, RequestUser } from './PolicyRule';

/** Who sends no token: may see health and version, unless roles give more. */
const ANONYMOUS: RequestUser = {
  name: 'system:anonymous',
  groups: ['system:unauthenticated'],
  rules: [],
};

/** Tells users by their bearer tokens. */
export class Authenticator {
  private readonly users: Map<string, RequestUser>;

  constructor(
    users: KubernetesUser[],
    private readonly accountTokens: AccountTokens,
  ) {
    this.users = new Map(
      users.map(({ token, name, groups = [], rules }) => [
        digest(token),
        { name, groups: [...groups, 'system:authenticated'], rules },
      ]),
    );
  }

  /** @throws KubernetesStatusError 401 for a token that is none. */
  authenticate(authorization: string | undefined): RequestUser {
    const token = /^bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
    if (!token) {
      return ANONYMOUS;
    }
    // Found by digest, so that the time taken tells nothing about a token.
    const user = this.users.get(digest(token)) ?? this.account(token);
    if (!user) {
      throw unauthorized();
    }
    return user;
  }

  /** What somebody may do who was given rights without a role. */
  rulesOf(name: string): PolicyRule[] {
    return [...this.users.values()]
      .filter(user => user.name === name)
      .flatMap(({ rules }) => rules);
  }

  private account(token: string): RequestUser | undefined {
    const account = this.accountTokens.verify(token);
    if (!account) {
      return undefined;
    }
    const name = accountUser(account);
    return {
      name,
      groups: [...accountGroups(account), 'system:authenticated'],
      rules: this.rulesOf(name),
    };
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
