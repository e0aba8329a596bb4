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

/** The repository that a file is in, and the branch. @internal */
export interface LocatedRepository {
  host: RepositoryHost;
  branch: string;
}

/**
 * The repository of a file, with the account of the portal's `integrations`.
 *
 * @throws WasiError PULL_REQUEST_UNSUPPORTED
 * @internal
 */
export function locateRepository(
  url: string,
  integrations: ScmIntegrationRegistry,
): LocatedRepository {
  const gitea = integrations.gitea.byUrl(url)?.config;
  if (gitea) {
    const baseUrl = gitea.baseUrl ?? `https://${gitea.host}`;
    const match =
      url.startsWith(`${baseUrl}/`) &&
      /^\/([^/]+)\/([^/]+)\/(?:src|raw)\/branch\/([^/]+)\//.exec(
        url.slice(baseUrl.length),
      );
    if (match) {
      const [, owner, name, branch] = match;
      return {
        branch: decodeURIComponent(branch),
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
    const match = /^\/([^/]+)\/([^/]+)\/(?:blob|tree|edit|raw)\/([^/]+)\//.exec(
      pathname,
    );
    if (match) {
      const [, owner, name, branch] = match;
      const repository = `${origin}/${owner}/${name}`;
      const credentials =
        DefaultGithubCredentialsProvider.fromIntegrations(integrations);
      return {
        branch: decodeURIComponent(branch),
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
  throw new WasiError('PULL_REQUEST_UNSUPPORTED', {
    message: `No pull request can be made for ${url}: it is not on a branch of GitHub or Gitea that \`integrations\` names.`,
  });
}
