/**
 * The header by which a page sends the user's own tokens for clusters that take no
 * other: names of clusters, encoded as in a URL, each with `=` and a token, by comma.
 *
 * A token goes to the cluster that it is named with, and nowhere else.
 *
 * @public
 */
export const CLUSTER_TOKENS_HEADER = 'wasi-cluster-tokens';

const MAX_TOKENS = 20;
const TOKEN = /^[\x21-\x2b\x2d-\x7e]{1,8192}$/;

/**
 * What to send as {@link CLUSTER_TOKENS_HEADER}; tokens by name of the cluster.
 *
 * @public
 */
export function formatClusterTokens(tokens: Record<string, string>): string {
  return Object.entries(tokens)
    .map(([cluster, token]) => `${encodeURIComponent(cluster)}=${token}`)
    .join(', ');
}

/**
 * What was sent as {@link CLUSTER_TOKENS_HEADER}; undefined where it cannot be read.
 *
 * @public
 */
export function parseClusterTokens(
  header: string,
): Record<string, string> | undefined {
  const pairs = header.split(',').map(pair => pair.trim());
  const tokens: [string, string][] = [];
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const cluster = decode(pair.slice(0, Math.max(at, 0)));
    const token = pair.slice(at + 1);
    if (!cluster || !TOKEN.test(token) || tokens.length === MAX_TOKENS) {
      return undefined;
    }
    tokens.push([cluster, token]);
  }
  return Object.fromEntries(tokens);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
