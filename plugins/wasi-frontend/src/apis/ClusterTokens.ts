/**
 * The user's own tokens for clusters that take no others, by the name of who
 * gives them, e.g. `google` or `oidc.okta`.
 *
 * @public
 */
export interface ClusterTokens {
  /** The token at hand; never asks the user. */
  get(provider: string): Promise<string | undefined>;
  /** Asks the user to sign in; fails where that does not come to its end. */
  signIn(provider: string): Promise<void>;
}
