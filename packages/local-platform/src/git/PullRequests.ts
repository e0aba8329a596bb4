import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fs from 'node:fs';
import git from 'isomorphic-git';
import { z } from 'zod';
import { hasCode } from '../platform/hasCode';
import { authorOf } from './commitFile';
import { GitHostError } from './GitHostError';
import { ObjectReader } from './ObjectReader';
import { replaceFile } from './replaceFile';
import { resolveCommit } from './repositoryFiles';

const pullRequestSchema = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string(),
  base: z.string(),
  head: z.string(),
  state: z.enum(['open', 'closed']),
  merged: z.boolean(),
  createdAt: z.string(),
});

/** A request to take the commits of one branch into another. @internal */
export type PullRequest = z.infer<typeof pullRequestSchema>;

const FILE = 'pull-requests.json';

/** The pull requests of a repository, oldest first. @internal */
export async function listPullRequests(gitdir: string): Promise<PullRequest[]> {
  try {
    const text = await readFile(join(gitdir, FILE), 'utf8');
    return z.array(pullRequestSchema).parse(JSON.parse(text));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      return [];
    }
    throw error;
  }
}

/** One of them; throws where there is none of this number. @internal */
export async function findPullRequest(
  gitdir: string,
  number: number,
): Promise<PullRequest> {
  const found = (await listPullRequests(gitdir)).find(
    request => request.number === number,
  );
  if (!found) {
    throw new GitHostError(404, `There is no pull request ${number}.`);
  }
  return found;
}

/** Opens one; the caller holds the repository's lock. @internal */
export async function openPullRequest(
  gitdir: string,
  wanted: Pick<PullRequest, 'title' | 'body' | 'base' | 'head'>,
): Promise<PullRequest> {
  const { base, head } = wanted;
  const branches = await git.listBranches({ fs, gitdir });
  const missing = [base, head].find(name => !branches.includes(name));
  if (missing !== undefined || base === head) {
    throw new GitHostError(
      missing === undefined ? 422 : 404,
      missing === undefined
        ? 'A branch cannot be taken into itself.'
        : `There is no branch "${missing}".`,
    );
  }
  const known = await listPullRequests(gitdir);
  if (
    known.some(
      request =>
        request.state === 'open' &&
        request.base === base &&
        request.head === head,
    )
  ) {
    throw new GitHostError(409, `${head} is requested for ${base} already.`);
  }
  const request: PullRequest = {
    ...wanted,
    number: known.length + 1,
    state: 'open',
    merged: false,
    createdAt: new Date().toISOString(),
  };
  await store(gitdir, [...known, request]);
  return request;
}

/** Changes one; the caller holds the repository's lock. @internal */
export async function changePullRequest(
  gitdir: string,
  number: number,
  change: Partial<Pick<PullRequest, 'title' | 'body' | 'state' | 'merged'>>,
): Promise<PullRequest> {
  const before = await findPullRequest(gitdir, number);
  if (before.merged && change.state === 'open') {
    throw new GitHostError(412, `Pull request ${number} was merged.`);
  }
  const after = { ...before, ...change };
  const known = await listPullRequests(gitdir);
  await store(
    gitdir,
    known.map(request => (request.number === number ? after : request)),
  );
  return after;
}

/** Takes its commits into its base; the caller holds the repository's lock. @internal */
export async function mergePullRequest(
  gitdir: string,
  number: number,
  username: string,
): Promise<void> {
  const { base, head, state } = await findPullRequest(gitdir, number);
  if (state !== 'open') {
    throw new GitHostError(405, `Pull request ${number} is not open.`);
  }
  const objects = new ObjectReader(gitdir);
  await resolveCommit(objects, head);
  const author = authorOf(username, new Date());
  let oid: string | undefined;
  try {
    ({ oid } = await git.merge({
      fs,
      gitdir,
      ours: base,
      theirs: head,
      fastForward: false,
      author,
      committer: author,
      message: `Merge pull request ${number}: ${head}\n`,
      // The branch is moved by us, as pushes do it.
      noUpdateBranch: true,
    }));
  } catch (error) {
    if (
      error instanceof git.Errors.MergeNotSupportedError ||
      error instanceof git.Errors.MergeConflictError
    ) {
      throw new GitHostError(
        405,
        `${head} and ${base} change the same lines: merge them by hand.`,
      );
    }
    throw error;
  }
  if (oid) {
    await replaceFile(gitdir, `refs/heads/${base}`, `${oid}\n`);
  }
  await changePullRequest(gitdir, number, { state: 'closed', merged: true });
}

async function store(gitdir: string, requests: PullRequest[]): Promise<void> {
  await replaceFile(gitdir, FILE, `${JSON.stringify(requests)}\n`);
}
