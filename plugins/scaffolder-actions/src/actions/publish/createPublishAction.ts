import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { ScmIntegrations } from '@backstage/integration';
import {
  createTemplateAction,
  initRepoAndPush,
} from '@backstage/plugin-scaffolder-node';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { resolveInWorkspace, unlessPresent } from '../../workspace';
import { forUsers } from '../forUsers';
import { examples } from './createPublishAction.examples';
import { GiteaRepository } from './GiteaRepository';
import { readRepositoryAddress } from './readRepositoryAddress';

/**
 * Creates `wasi:repository:publish`: a folder of the workspace becomes a new repository on a Gitea host.
 *
 * Unlike `publish:gitea` it can be repeated: a run that was killed between
 * creating the repository and noting so finds its own repository again.
 *
 * @param options - `push`: stands in for git where there is no git host.
 * @public
 */
export function createPublishAction(options: {
  integrations: ScmIntegrations;
  config: RootConfigService;
  push?: typeof initRepoAndPush;
}) {
  const { integrations, config, push = initRepoAndPush } = options;
  return forUsers(
    createTemplateAction({
      id: 'wasi:repository:publish',
      description:
        'Publishes a folder of the workspace to a new repository on a Gitea host. Safe to repeat in the same run. Refuses a repository that was there before.',
      examples,
      supportsDryRun: true,
      schema: {
        input: {
          repoUrl: z =>
            z
              .string()
              .describe(
                'Where to publish to: host?owner=organization&repo=name. The host must be one of `integrations.gitea`.',
              ),
          description: z => z.string().default(''),
          defaultBranch: z =>
            z.string().default('main').describe('Branch. Default: main.'),
          sourcePath: z =>
            z
              .string()
              .default('.')
              .describe('Folder to publish. Default: the workspace itself.'),
        },
        output: {
          remoteUrl: z => z.string().describe('Address to clone from'),
          repoContentsUrl: z => z.string().describe('Address of the files'),
          commitHash: z => z.string().describe('The commit that was pushed'),
        },
      },
      async handler(ctx) {
        const { defaultBranch, description, repoUrl, sourcePath } = ctx.input;
        const address = readRepositoryAddress(repoUrl, integrations);
        refuseBranch(defaultBranch);
        const directory = resolveInWorkspace(ctx.workspacePath, sourcePath);
        const repository = new GiteaRepository({
          ...address,
          signal: ctx.signal,
        });
        const remoteUrl = `${repository.url}.git`;
        ctx.output('remoteUrl', remoteUrl);
        ctx.output(
          'repoContentsUrl',
          `${repository.url}/src/branch/${defaultBranch}/`,
        );
        if (ctx.isDryRun) {
          ctx.logger.info(`Dry run: would publish to ${repository.url}.`);
          ctx.output('commitHash', '');
          return;
        }

        await refuseAbsent(directory, sourcePath);
        // From here on a repository of this name is ours, in this attempt and in later ones.
        await ctx.checkpoint({
          key: `publish.absent.v1.${repository.url}`,
          fn: async () => {
            if (await repository.exists()) {
              throw taken(repository);
            }
            return true;
          },
        });
        await repository.create(description);
        const head = await repository.head(defaultBranch);
        const trailer = `Scaffolder-Task: ${ctx.task.id}`;
        if (head) {
          if (!head.message.includes(trailer)) {
            throw taken(repository);
          }
          ctx.logger.info(`${repository.url} has commit ${head.id} already.`);
          ctx.output('commitHash', head.id);
          return;
        }
        // Of an attempt that got as far as the commit.
        await rm(join(directory, '.git'), { recursive: true, force: true });
        const { username = '', password = '' } = address.host;
        const { commitHash } = await push({
          dir: directory,
          remoteUrl,
          auth: { username, password },
          defaultBranch,
          logger: ctx.logger,
          commitMessage: `${
            config.getOptionalString('scaffolder.defaultCommitMessage') ??
            'Initial commit'
          }\n\n${trailer}`,
          gitAuthorInfo: {
            name: config.getOptionalString('scaffolder.defaultAuthor.name'),
            email: config.getOptionalString('scaffolder.defaultAuthor.email'),
          },
        });
        ctx.logger.info(`Published ${repository.url} at ${commitHash}.`);
        ctx.output('commitHash', commitHash);
      },
    }),
  );
}

/** Git makes a file of a branch's name, and the library that commits does not look at it. */
function refuseBranch(branch: string): void {
  if (!/^[a-z0-9](?!.*(\.\.|\/\/|\/\.))[\w./-]{0,99}$/i.test(branch)) {
    throw new WasiError('INPUT_INVALID', {
      message: `${JSON.stringify(
        branch.slice(0, 200),
      )} cannot be the name of a branch.`,
      remedy: 'Use letters, digits, dashes, dots and single slashes.',
    });
  }
}

async function refuseAbsent(directory: string, path: string): Promise<void> {
  const stats = await stat(directory).catch(unlessPresent);
  if (!stats?.isDirectory()) {
    throw new WasiError('SOURCE_MISSING', {
      message: `There is no folder '${path}' in the workspace to publish.`,
      remedy: 'Name the folder that an earlier step wrote.',
    });
  }
}

function taken(repository: GiteaRepository): WasiError {
  return new WasiError('REPOSITORY_EXISTS', {
    message: `The repository ${repository.url} exists already.`,
  });
}
