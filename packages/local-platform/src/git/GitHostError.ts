/**
 * A request that the git host refuses, with the HTTP status it answers.
 *
 * Clients of the git host read Gitea's error shape, so these are not the
 * portal's error codes.
 *
 * @internal
 */
export class GitHostError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
    this.name = 'GitHostError';
  }
}
