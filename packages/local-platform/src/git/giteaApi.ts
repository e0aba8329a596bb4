import express, { Router } from 'express';
import fs from 'node:fs';
import git from 'isomorphic-git';
import { z } from 'zod';
import { visibleRepository } from './authentication';
import { asyncRoute, type GitHostContext } from './context';
import { GitHostError } from './GitHostError';
import { giteaCommit, giteaContents, giteaRepository } from './giteaViews';
import { giteaPulls } from './giteaPulls';
import { giteaWrites } from './giteaWrites';
import { ObjectReader } from './ObjectReader';
import { parseBody } from './parseBody';
import { readPath, resolveCommit } from './repositoryFiles';
import { isOwnerName } from './RepositoryStore';
import { sendRaw } from './sendRaw';
import { writeArchive } from './writeArchive';

const newRepositorySchema = z.object({
  name: z.string(),
  description: z.string().nullish(),
  private: z.boolean().nullish(),
  default_branch: z.string().nullish(),
});
const newOrganizationSchema = z.object({ username: z.string() });
const MAX_COMMITS = 50;

/**
 * The part of Gitea's API that Backstage's `gitea` integration, `publish:gitea`
 * and proposals of changes use: https://docs.gitea.com/api/
 *
 * @internal
 */
export function giteaApi(context: GitHostContext): Router {
  const { authentication, repositories } = context;
  const router = Router();
  // A manifest is some kilobytes, and grows by a third as base64.
  router.use(express.json({ limit: '1mb' }));
  router.use(giteaWrites(context));
  router.use(giteaPulls(context));

  router.get(
    '/user',
    asyncRoute(async (request, response) => {
      authentication.requireSignIn(request);
      response.json({ login: context.username, username: context.username });
    }),
  );

  // Every valid name is an organization: there is nothing to administer on a laptop.
  router.get(
    '/orgs/:owner',
    asyncRoute(async (request, response) => {
      authentication.isSignedIn(request);
      response.json(organization(request.params.owner));
    }),
  );
  router.post(
    '/orgs',
    asyncRoute(async (request, response) => {
      authentication.requireSignIn(request);
      const { username } = parseBody(newOrganizationSchema, request.body);
      response.status(201).json(organization(username));
    }),
  );

  router.post(
    ['/orgs/:owner/repos', '/user/repos'],
    asyncRoute(async (request, response) => {
      authentication.requireSignIn(request);
      const body = parseBody(newRepositorySchema, request.body);
      const repository = await repositories.create({
        owner: request.params.owner ?? context.username,
        name: body.name,
        description: body.description ?? undefined,
        private: body.private ?? undefined,
        defaultBranch: body.default_branch ?? undefined,
      });
      response.status(201).json(await giteaRepository(context, repository));
    }),
  );

  router.get(
    '/repos/:owner/:repository',
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      response.json(await giteaRepository(context, repository));
    }),
  );
  router.delete(
    '/repos/:owner/:repository',
    asyncRoute(async (request, response) => {
      authentication.requireSignIn(request);
      await repositories.delete(await visibleRepository(context, request));
      response.status(204).end();
    }),
  );

  router.get(
    [
      '/repos/:owner/:repository/contents',
      '/repos/:owner/:repository/contents/*',
    ],
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const reference = referenceOf(request.query.ref);
      const commit = await resolveCommit(objects, reference);
      const path = restOf(request.params);
      response.json(
        await giteaContents(context, {
          repository,
          objects,
          reference: reference ?? commit.oid,
          path,
          node: await readPath(objects, commit, path),
        }),
      );
    }),
  );

  router.get(
    ['/repos/:owner/:repository/raw/*', '/repos/:owner/:repository/media/*'],
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const commit = await resolveCommit(
        objects,
        referenceOf(request.query.ref),
      );
      await sendRaw(response, objects, commit, restOf(request.params));
    }),
  );

  router.get(
    '/repos/:owner/:repository/archive/*',
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const [, reference] =
        /^(.+)\.tar\.gz$/.exec(restOf(request.params)) ?? [];
      if (!reference) {
        throw new GitHostError(400, 'Only .tar.gz archives are made here.');
      }
      const objects = new ObjectReader(repository.gitdir);
      const commit = await resolveCommit(objects, reference);
      response.type('application/gzip');
      await writeArchive({
        objects,
        commit,
        root: repository.name,
        to: response,
      });
    }),
  );

  router.get(
    '/repos/:owner/:repository/git/commits/:reference(*)',
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const commit = await resolveCommit(objects, request.params.reference);
      response.json(giteaCommit(context, repository, commit));
    }),
  );
  router.get(
    '/repos/:owner/:repository/commits',
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const start = await resolveCommit(
        objects,
        referenceOf(request.query.sha),
      );
      const log = await git.log({
        fs,
        gitdir: repository.gitdir,
        ref: start.oid,
        depth: MAX_COMMITS,
      });
      const commits = await Promise.all(
        log.map(({ oid }) => resolveCommit(objects, oid)),
      );
      response.json(
        commits.map(commit => giteaCommit(context, repository, commit)),
      );
    }),
  );

  router.get(
    '/repos/:owner/:repository/branches',
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const objects = new ObjectReader(repository.gitdir);
      const names = await git.listBranches({ fs, gitdir: repository.gitdir });
      response.json(
        await Promise.all(names.map(name => branch(objects, name))),
      );
    }),
  );
  router.get(
    '/repos/:owner/:repository/branches/*',
    asyncRoute(async (request, response) => {
      const repository = await visibleRepository(context, request);
      const name = restOf(request.params);
      const names = await git.listBranches({ fs, gitdir: repository.gitdir });
      if (!names.includes(name)) {
        throw new GitHostError(404, `There is no branch "${name}".`);
      }
      response.json(await branch(new ObjectReader(repository.gitdir), name));
    }),
  );

  router.use((request, _response, next) => {
    next(
      new GitHostError(
        404,
        `The local git host has no ${request.method} ${request.path}.`,
      ),
    );
  });
  return router;
}

function organization(name: string) {
  if (!isOwnerName(name)) {
    throw new GitHostError(404, `"${name}" cannot own repositories.`);
  }
  return { username: name, name, full_name: name, visibility: 'public' };
}

async function branch(objects: ObjectReader, name: string) {
  const commit = await resolveCommit(objects, name);
  return { name, commit: { id: commit.oid, message: commit.message } };
}

function referenceOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// express names the part that a `*` matched `0`.
function restOf(params: Record<string, string>): string {
  return params[0] ?? '';
}
