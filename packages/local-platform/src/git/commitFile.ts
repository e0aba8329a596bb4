import fs from 'node:fs';
import git from 'isomorphic-git';
import { GitHostError } from './GitHostError';
import type { CommitFacts, ObjectReader } from './ObjectReader';
import { replaceFile } from './replaceFile';

/** Who writes in the name of the git host's account. @internal */
export function authorOf(username: string, now: Date) {
  return {
    name: username,
    email: `${username}@localhost`,
    timestamp: Math.floor(now.getTime() / 1000),
    timezoneOffset: 0,
  };
}

/**
 * Puts a commit with one changed file onto a branch; the caller holds the
 * repository's lock.
 *
 * @internal
 */
export async function commitFile(
  objects: ObjectReader,
  change: {
    branch: string;
    /** Absent: the first commit of the repository. */
    parent?: CommitFacts;
    path: string;
    content: Uint8Array;
    message: string;
    username: string;
  },
): Promise<string> {
  const { gitdir } = objects;
  const { branch, parent, path, username } = change;
  const parts = path.split('/');
  if (parts.some(part => !part || ['.', '..', '.git'].includes(part))) {
    throw new GitHostError(422, `"${path}" is not the path of a file.`);
  }
  const blob = await git.writeBlob({ fs, gitdir, blob: change.content });
  const tree = await treeWith(objects, { tree: parent?.tree, parts, blob });
  const author = authorOf(username, new Date());
  const oid = await git.writeCommit({
    fs,
    gitdir,
    commit: {
      tree,
      parent: parent ? [parent.oid] : [],
      author,
      committer: author,
      message: `${change.message.trim()}\n`,
    },
  });
  await replaceFile(gitdir, `refs/heads/${branch}`, `${oid}\n`);
  return oid;
}

async function treeWith(
  objects: ObjectReader,
  change: { tree?: string; parts: string[]; blob: string },
): Promise<string> {
  const [path, ...parts] = change.parts;
  const entries = change.tree ? await objects.tree(change.tree) : [];
  const known = entries.find(entry => entry.path === path);
  const entry =
    parts.length === 0
      ? { mode: '100644', path, oid: change.blob, type: 'blob' as const }
      : {
          mode: '040000',
          path,
          oid: await treeWith(objects, {
            tree: known?.type === 'tree' ? known.oid : undefined,
            parts,
            blob: change.blob,
          }),
          type: 'tree' as const,
        };
  return git.writeTree({
    fs,
    gitdir: objects.gitdir,
    tree: [...entries.filter(other => other !== known), entry],
  });
}
