import fs from 'node:fs';
import git from 'isomorphic-git';
import { GitHostError } from './GitHostError';
import type { CommitFacts, ObjectReader, TreeEntry } from './ObjectReader';
import { headBranch } from './references';

/** What lies at a path of a commit. @internal */
export type FileNode =
  | { type: 'file'; oid: string; mode: string }
  | { type: 'directory'; oid: string; entries: TreeEntry[] };

/** A file met on a walk through a commit. @internal */
export interface FileEntry {
  path: string;
  oid: string;
  mode: string;
}

/**
 * The commit that a branch, a tag or a commit id names; the default branch where
 * none is given.
 *
 * @internal
 */
export async function resolveCommit(
  objects: ObjectReader,
  reference?: string,
): Promise<CommitFacts> {
  const commit = await findCommit(objects, reference);
  if (!commit) {
    throw new GitHostError(
      404,
      reference
        ? `No branch, tag or commit is named "${reference}".`
        : 'The repository is empty.',
    );
  }
  return commit;
}

/** Short name of the default branch. @internal */
export async function defaultBranch(gitdir: string): Promise<string> {
  return (await headBranch(gitdir)).replace(/^refs\/heads\//, '');
}

/** What lies at `path`; throws where there is nothing. @internal */
export async function readPath(
  objects: ObjectReader,
  commit: CommitFacts,
  path: string,
): Promise<FileNode> {
  let node: FileNode = await directory(objects, commit.tree);
  for (const part of path.split('/').filter(Boolean)) {
    const entry: TreeEntry | undefined =
      node.type === 'directory'
        ? node.entries.find(candidate => candidate.path === part)
        : undefined;
    if (!entry || entry.type === 'commit') {
      throw new GitHostError(404, `There is no "${path}" in this commit.`);
    }
    node =
      entry.type === 'tree'
        ? await directory(objects, entry.oid)
        : { type: 'file', oid: entry.oid, mode: entry.mode };
  }
  return node;
}

/** The file at `path`, where there is one. @internal */
export async function findFile(
  objects: ObjectReader,
  commit: CommitFacts,
  path: string,
): Promise<{ oid: string } | undefined> {
  try {
    const node = await readPath(objects, commit, path);
    return node.type === 'file' ? node : undefined;
  } catch (error) {
    if (error instanceof GitHostError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

/** All files below a tree, in the order of git. @internal */
export async function* walkFiles(
  objects: ObjectReader,
  tree: string,
  prefix = '',
): AsyncGenerator<FileEntry> {
  for (const entry of await objects.tree(tree)) {
    const path = prefix + entry.path;
    if (entry.type === 'tree') {
      yield* walkFiles(objects, entry.oid, `${path}/`);
    } else if (entry.type === 'blob') {
      yield { path, oid: entry.oid, mode: entry.mode };
    }
  }
}

async function findCommit(
  objects: ObjectReader,
  reference?: string,
): Promise<CommitFacts | undefined> {
  const { gitdir } = objects;
  const candidates = reference
    ? [`refs/heads/${reference}`, `refs/tags/${reference}`]
    : [await headBranch(gitdir)];
  for (const candidate of candidates) {
    const oid = await resolveReference(gitdir, candidate);
    if (oid) {
      return objects.commit(oid);
    }
  }
  if (
    reference &&
    /^[0-9a-f]{40}$/.test(reference) &&
    (await objects.has(reference))
  ) {
    return objects.commit(reference);
  }
  return undefined;
}

async function resolveReference(
  gitdir: string,
  reference: string,
): Promise<string | undefined> {
  // Only names that are listed: a name made of ".." must not become a path.
  const names = await git.listRefs({ fs, gitdir, filepath: 'refs' });
  return names.includes(reference.replace(/^refs\//, ''))
    ? git.resolveRef({ fs, gitdir, ref: reference })
    : undefined;
}

async function directory(
  objects: ObjectReader,
  oid: string,
): Promise<FileNode> {
  return { type: 'directory', oid, entries: await objects.tree(oid) };
}
