import { Router, type Request } from 'express';
import fs from 'node:fs';
import git from 'isomorphic-git';
import { z } from 'zod';
import { visibleRepository } from './authentication';
import { commitFile } from './commitFile';
import { asyncRoute, type GitHostContext } from './context';
import { GitHostError } from './GitHostError';
import { ObjectReader } from './ObjectReader';
import { parseBody } from './parseBody';
import { headBranch } from './references';
import { replaceFile } from './replaceFile';
import {
  defaultBranch,
  findFile,
  readPath,
  resolveCommit,
} from './repositoryFiles';
import { isSafeReference, type Repository } from './RepositoryStore';

const newBranchSchema = z.object({
  new_branch_name: z.string(),
  old_branch_name: z.string().optional(),
  old_ref_name: z.string().optional(),
});
const fileSchema = z.object({
  content: z.base64(),
  branch: z.string().optional(),
  message: z.string().optional(),
  /** Of the file that is changed. */
  sha: z.string().optional(),
});

/**
 * The part of Gitea's API that makes branches and changes files:
 * https://docs.gitea.com/api/
 *
 * @internal
 */
export function giteaWrites(context: GitHostContext): Router {
  const { authentication, repositories, username } = context;
  const router = Router();

  const write = async <T>(
    request: Request,
    work: (repository: Repository, objects: ObjectReader) => Promise<T>,
  ): Promise<T> => {
    authentication.requireSignIn(request);
    const repository = await visibleRepository(context, request);
    return repositories.exclusively(repository, () =>
      work(repository, new ObjectReader(repository.gitdir)),
    );
  };

  router.post(
    '/repos/:owner/:repository/branches',
    asyncRoute(async (request, response) => {
      const body = parseBody(newBranchSchema, request.body);
      const name = body.new_branch_name;
      const reference = `refs/heads/${name}`;
      const commit = await write(request, async ({ gitdir }, objects) => {
        if (!isSafeReference(reference)) {
          throw new GitHostError(422, `"${name}" is not a branch name.`);
        }
        const branches = await git.listBranches({ fs, gitdir });
        const clash = branches.find(
          other =>
            other === name ||
            other.startsWith(`${name}/`) ||
            name.startsWith(`${other}/`),
        );
        if (clash) {
          throw new GitHostError(409, `The branch ${clash} exists already.`);
        }
        const start = await resolveCommit(
          objects,
          body.old_ref_name ?? body.old_branch_name,
        );
        await replaceFile(gitdir, reference, `${start.oid}\n`);
        return start;
      });
      response.status(201).json({
        name,
        commit: { id: commit.oid, message: commit.message },
      });
    }),
  );

  router.delete(
    '/repos/:owner/:repository/branches/*',
    asyncRoute(async (request, response) => {
      const name = request.params[0];
      await write(request, async ({ gitdir }) => {
        if (!(await git.listBranches({ fs, gitdir })).includes(name)) {
          throw new GitHostError(404, `There is no branch "${name}".`);
        }
        if ((await headBranch(gitdir)) === `refs/heads/${name}`) {
          throw new GitHostError(403, 'The default branch cannot be deleted.');
        }
        await git.deleteRef({ fs, gitdir, ref: `refs/heads/${name}` });
      });
      response.status(204).end();
    }),
  );

  const change = (isNew: boolean) =>
    asyncRoute(async (request, response) => {
      const body = parseBody(fileSchema, request.body);
      const path = request.params[0];
      const answer = await write(request, async ({ gitdir }, objects) => {
        const main = await defaultBranch(gitdir);
        const branch = body.branch ?? main;
        const branches = await git.listBranches({ fs, gitdir });
        const isFirst = branches.length === 0 && branch === main;
        if (!isFirst && !branches.includes(branch)) {
          throw new GitHostError(404, `There is no branch "${branch}".`);
        }
        const parent = isFirst
          ? undefined
          : await resolveCommit(objects, branch);
        const known = parent && (await findFile(objects, parent, path));
        requireKnown({ path, isNew, sha: body.sha, known: known?.oid });
        const oid = await commitFile(objects, {
          branch,
          parent,
          path,
          content: Buffer.from(body.content, 'base64'),
          message: body.message ?? `${isNew ? 'Add' : 'Update'} ${path}`,
          username,
        });
        const after = new ObjectReader(gitdir);
        const commit = await resolveCommit(after, oid);
        const { oid: sha } = await readPath(after, commit, path);
        return { content: { path, sha }, commit: { sha: oid } };
      });
      response.status(isNew ? 201 : 200).json(answer);
    });
  router.post('/repos/:owner/:repository/contents/*', change(true));
  router.put('/repos/:owner/:repository/contents/*', change(false));
  return router;
}

function requireKnown(file: {
  path: string;
  isNew: boolean;
  sha?: string;
  known?: string;
}): void {
  const { path, isNew, sha, known } = file;
  if (isNew && known) {
    throw new GitHostError(422, `The file ${path} exists already.`);
  }
  if (!isNew && !known) {
    throw new GitHostError(404, `There is no file ${path}.`);
  }
  if (!isNew && sha !== known) {
    throw new GitHostError(
      422,
      `The file ${path} is ${known} by now, not ${sha}.`,
    );
  }
}
