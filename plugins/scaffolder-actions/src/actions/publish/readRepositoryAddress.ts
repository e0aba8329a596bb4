import type {
  GiteaIntegrationConfig,
  ScmIntegrations,
} from '@backstage/integration';
import { parseRepoUrl } from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/** What Gitea takes for an organization and for a repository, and what needs no quoting in a URL. */
const NAME = /^[a-z0-9](?!.*\.\.)[\w.-]{0,99}$/i;

/**
 * Reads `host?owner=organization&repo=name` of a Gitea host that the portal knows.
 *
 * @throws WasiError INPUT_INVALID
 * @internal
 */
export function readRepositoryAddress(
  repoUrl: string,
  integrations: ScmIntegrations,
): { host: GiteaIntegrationConfig; owner: string; name: string } {
  let parsed: ReturnType<typeof parseRepoUrl> | undefined;
  try {
    parsed = parseRepoUrl(repoUrl, integrations);
  } catch {
    // Told below, as any other that is none.
  }
  const host = parsed && integrations.gitea.byHost(parsed.host)?.config;
  if (
    !host ||
    !NAME.test(parsed?.owner ?? '') ||
    !NAME.test(parsed?.repo ?? '')
  ) {
    throw new WasiError('INPUT_INVALID', {
      message: `${JSON.stringify(
        repoUrl.slice(0, 200),
      )} names no repository on a Gitea host of this portal.`,
      remedy:
        'Use host?owner=organization&repo=name, and have the host added to integrations.gitea.',
    });
  }
  return { host, owner: parsed!.owner!, name: parsed!.repo };
}
