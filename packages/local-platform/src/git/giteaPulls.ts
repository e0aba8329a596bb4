import { Router, type Request } from 'express';
import fs from 'node:fs';
import git from 'isomorphic-git';
import { z } from 'zod';
import { visibleRepository } from './authentication';
import { asyncRoute, type GitHostContext } from './context';
import { GitHostError } from './GitHostError';
import { parseBody } from './parseBody';
import {
  changePullRequest,
  findPullRequest,
  listPullRequests,
  mergePullRequest,
  openPullRequest,
  type PullRequest,
} from './PullRequests';
import type { Repository } from './RepositoryStore';

const newPullRequestSchema = z.object({
  base: z.string(),
  head: z.string(),
  title: z.string().min(1).max(255),
  body: z.string().default(''),
});
const changeSchema = z.object({
  title: z.string().min(1).max(255).optional(),
  body: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
});
const PULLS = '/repos/:owner/:repository/pulls';

/**
 * The part of Gitea's API that is about pull requests: https://docs.gitea.com/api/
 *
 * @internal
 */
export function giteaPulls(context: GitHostContext): Router {
  const { authentication, repositories, username } = context;
  const router = Router();

  const write = async <T>(
    request: Request,
    work: (repository: Repository) => Promise<T>,
  ) => {
    authentication.requireSignIn(request);
    const repository = await visibleRepository(context, request);
    return repositories.exclusively(repository, async () => ({
      repository,
      result: await work(repository),
    }));
  };

  router.get(
    PULLS,
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const state = request.query.state ?? 'open';
      const found = (await listPullRequests(repository.gitdir)).filter(
        pull => state === 'all' || pull.state === state,
      );
      const limit = positive(request.query.limit) ?? 50;
      const from = ((positive(request.query.page) ?? 1) - 1) * limit;
      response.json(
        await Promise.all(
          found
            .reverse()
            .slice(from, from + limit)
            .map(pull => view(context, repository, pull)),
        ),
      );
    }),
  );

  router.post(
    PULLS,
    asyncRoute(async (request, response) => {
      const body = parseBody(newPullRequestSchema, request.body);
      const { repository, result } = await write(request, ({ gitdir }) =>
        openPullRequest(gitdir, body),
      );
      response.status(201).json(await view(context, repository, result));
    }),
  );

  router.get(
    `${PULLS}/:number(\\d+)`,
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const pull = await findPullRequest(
        repository.gitdir,
        Number(request.params.number),
      );
      response.json(await view(context, repository, pull));
    }),
  );

  router.patch(
    `${PULLS}/:number(\\d+)`,
    asyncRoute(async (request, response) => {
      const body = parseBody(changeSchema, request.body);
      const { repository, result } = await write(request, ({ gitdir }) =>
        changePullRequest(gitdir, Number(request.params.number), body),
      );
      response.status(201).json(await view(context, repository, result));
    }),
  );

  router.post(
    `${PULLS}/:number(\\d+)/merge`,
    asyncRoute(async (request, response) => {
      await write(request, ({ gitdir }) =>
        mergePullRequest(gitdir, Number(request.params.number), username),
      );
      response.status(200).end();
    }),
  );
  return router;
}

/** A pull request in Gitea's words. */
async function view(
  context: GitHostContext,
  repository: Repository,
  pull: PullRequest,
) {
  const { gitdir, name, owner } = repository;
  const branches = await git.listBranches({ fs, gitdir });
  const branch = async (label: string) => ({
    label,
    ref: label,
    // Gone with the branch of a request that has ended.
    sha: branches.includes(label)
      ? await git.resolveRef({ fs, gitdir, ref: `refs/heads/${label}` })
      : '',
  });
  return {
    number: pull.number,
    title: pull.title,
    body: pull.body,
    state: pull.state,
    merged: pull.merged,
    user: { login: context.username },
    base: await branch(pull.base),
    head: await branch(pull.head),
    html_url: `${context.baseUrl()}/${owner}/${name}/pulls/${pull.number}`,
    created_at: pull.createdAt,
  };
}

function positive(value: unknown): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new GitHostError(422, `"${value}" is not a number of a page.`);
  }
  return Math.min(number, 50);
}
