import { createHash } from 'node:crypto';
import type { Challenge } from './challenge';
import type { RegistryCredentials } from './credentials';
import type { Authorization } from './login';
import type { RegistryTarget } from './registryTarget';

const maxLogins = 500;

/** What a login was an answer to, and what came of it. */
export interface SavedLogin {
  challenges: Challenge[];
  authorization: Authorization;
}

/** The login of one account to one repository. */
export interface LoginSlot {
  get(): SavedLogin | undefined;
  set(login: SavedLogin | undefined): void;
}

/**
 * Keeps logins from one operation to the next, in memory.
 *
 * A login is found again only with the very credentials it was made with, for the
 * same repository and rights.
 */
export class LoginCache {
  private readonly logins = new Map<string, SavedLogin>();

  slot(options: {
    target: RegistryTarget;
    credentials: RegistryCredentials;
    actions: string;
  }): LoginSlot {
    const { target, credentials, actions } = options;
    const key = createHash('sha256')
      .update(
        JSON.stringify([
          target.baseUrl.origin,
          target.repository,
          actions,
          credentials,
        ]),
      )
      .digest('hex');
    return {
      get: () => this.logins.get(key),
      set: login => {
        this.logins.delete(key);
        if (login) {
          this.makeRoom();
          this.logins.set(key, login);
        }
      },
    };
  }

  private makeRoom(): void {
    const [oldest] = this.logins.keys();
    if (this.logins.size >= maxLogins) {
      this.logins.delete(oldest);
    }
  }
}
