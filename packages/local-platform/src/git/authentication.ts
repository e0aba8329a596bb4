import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { GitHostError } from './GitHostError';
import type { Repository, RepositoryStore } from './RepositoryStore';

/** The one account of the git host. @internal */
export interface GitAccount {
  username: string;
  password: string;
}

/**
 * Decides who a request comes from: the account, or nobody.
 *
 * Wrong credentials are refused even where none are needed, so that a mistyped
 * password is noticed.
 *
 * @internal
 */
export class Authentication {
  constructor(private readonly account: GitAccount) {}

  /** Whether the request carries the account's credentials. */
  isSignedIn(request: Request): boolean {
    const header = request.headers.authorization;
    if (!header) {
      return false;
    }
    const [scheme, value = ''] = header.split(' ');
    if (this.accepts(scheme.toLowerCase(), value)) {
      return true;
    }
    throw new GitHostError(401, 'User name or password is wrong.');
  }

  /** Refuses a request without credentials. */
  requireSignIn(request: Request): void {
    if (!this.isSignedIn(request)) {
      throw new GitHostError(401, 'Sign in to do this.');
    }
  }

  private accepts(scheme: string, value: string): boolean {
    switch (scheme) {
      case 'basic': {
        const given = Buffer.from(value, 'base64').toString('utf8');
        const { username, password } = this.account;
        return isSame(given, `${username}:${password}`);
      }
      // Backstage sends the password as a token where no user name is configured.
      case 'token':
      case 'bearer':
        return isSame(value, this.account.password);
      default:
        return false;
    }
  }
}

/**
 * The repository of a request, where the caller may see it: a private one is
 * "not there" for anybody else.
 *
 * @internal
 */
export async function visibleRepository(
  context: { repositories: RepositoryStore; authentication: Authentication },
  request: Request,
): Promise<Repository> {
  const { owner, repository: name } = request.params;
  const signedIn = context.authentication.isSignedIn(request);
  const repository = await context.repositories.find(
    owner,
    name.replace(/\.git$/, ''),
  );
  if (!repository || (repository.private && !signedIn)) {
    throw new GitHostError(
      404,
      `There is no repository ${owner}/${name}${
        signedIn ? '' : ', or it is private and you are not signed in'
      }.`,
    );
  }
  return repository;
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
