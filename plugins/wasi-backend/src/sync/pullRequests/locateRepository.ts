import {
  DefaultGithubCredentialsProvider,
  getGiteaRequestOptions,
  type ScmIntegrationRegistry,
} from '@backstage/integration';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { GiteaHost } from './GiteaHost';
import { GitHubHost } from './GitHubHost';
import { HostApi } from './HostApi';
import type { RepositoryHost } from './RepositoryHost';

const DEEPEST = 10;
// https://git-scm.com/docs/git-check-ref-format
// eslint-disable-next-line no-control-regex -- these are what is looked for
const FORBIDDEN = /\.\.|\/\/|^\/|\/$|@\{|[\x00-\x20\x7f~^:?*[\\]/;

/** The repository that a file is in. @internal */
export interface LocatedRepository {
  host: RepositoryHost;
  /**
   * What may be the branch, shortest first: in an address, the slash in the name
   * of a branch is told from that of a folder by nothing.
   */
  branches: string[];
  /** Of the address, what stands in front of the branch. */
  prefix: string;
}

/**
 * The repository of a file, with the account of the portal's `integrations`;
 * nothing where it is not on GitHub or Gitea.
 *
 * @throws WasiError SYNC_SOURCE_REFUSED
 * @internal
 */
export function locateRepository(
  url: string,
  integrations: ScmIntegrationRegistry,
): LocatedRepository | undefined {
  const gitea = integrations.gitea.byUrl(url)?.config;
  if (gitea) {
    const baseUrl = gitea.baseUrl ?? `https://${gitea.host}`;
    const match =
      url.startsWith(`${baseUrl}/`) &&
      /^(\/([^/]+)\/([^/]+)\/(?:src|raw)\/branch\/)(.+)$/.exec(
        url.slice(baseUrl.length),
      );
    if (match) {
      const [, prefix, owner, name, rest] = match;
      return {
        prefix: `${new URL(baseUrl).pathname.replace(/\/$/, '')}${prefix}`,
        // What reads files of Gitea takes the first part for the branch, too.
        branches: branchesOf(rest, url).slice(0, 1),
        host: new GiteaHost(
          new HostApi({
            baseUrl: `${baseUrl}/api/v1/repos/${owner}/${name}`,
            repository: `${baseUrl}/${owner}/${name}`,
            headers: async () => ({ ...getGiteaRequestOptions(gitea).headers }),
          }),
        ),
      };
    }
  }
  const github = integrations.github.byUrl(url)?.config;
  if (github) {
    const { origin, pathname } = new URL(url);
    const match = /^(\/([^/]+)\/([^/]+)\/(?:blob|tree|edit|raw)\/)(.+)$/.exec(
      pathname,
    );
    if (match) {
      const [, prefix, owner, name, rest] = match;
      const repository = `${origin}/${owner}/${name}`;
      const credentials =
        DefaultGithubCredentialsProvider.fromIntegrations(integrations);
      return {
        prefix,
        branches: branchesOf(rest, url),
        host: new GitHubHost(
          new HostApi({
            baseUrl: `${
              github.apiBaseUrl ?? 'https://api.github.com'
            }/repos/${owner}/${name}`,
            repository,
            headers: async () => ({
              ...(await credentials.getCredentials({ url: repository }))
                .headers,
            }),
          }),
          owner,
        ),
      };
    }
  }
  return undefined;
}

/** Of the path behind `blob/`: each row of folders, or the first part where it says it all. */
function branchesOf(rest: string, url: string): string[] {
  const folders = rest.split('/').slice(0, -1).slice(0, DEEPEST);
  const [first = ''] = folders;
  const branches = /%2f/i.test(first)
    ? [decode(first)]
    : folders.map((_, i) =>
        folders
          .slice(0, i + 1)
          .map(decode)
          .join('/'),
      );
  if (branches.some(branch => FORBIDDEN.test(branch))) {
    throw new WasiError('SYNC_SOURCE_REFUSED', {
      message: `No branch can have the name that is in ${url}.`,
    });
  }
  return branches;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // As it is: no branch has such a name.
    return part;
  }
}
