import type { GitHostContext } from './context';
import type { CommitFacts, ObjectReader } from './ObjectReader';
import { defaultBranch, type FileNode } from './repositoryFiles';
import type { Repository } from './RepositoryStore';

/** A repository in Gitea's words. @internal */
export async function giteaRepository(
  context: GitHostContext,
  repository: Repository,
) {
  const { owner, name } = repository;
  const url = `${context.baseUrl()}/${owner}/${name}`;
  return {
    name,
    full_name: `${owner}/${name}`,
    owner: { login: owner, username: owner },
    description: repository.description,
    private: repository.private,
    default_branch: await defaultBranch(repository.gitdir),
    html_url: url,
    clone_url: `${url}.git`,
    created_at: repository.createdAt,
  };
}

/** A commit in Gitea's words. @internal */
export function giteaCommit(
  context: GitHostContext,
  repository: Repository,
  commit: CommitFacts,
) {
  const { owner, name } = repository;
  const date = new Date(commit.author.timestamp * 1000).toISOString();
  return {
    sha: commit.oid,
    html_url: `${context.baseUrl()}/${owner}/${name}/src/commit/${commit.oid}`,
    created: date,
    commit: {
      message: commit.message,
      author: { name: commit.author.name, email: commit.author.email, date },
      tree: { sha: commit.tree },
    },
    parents: commit.parents.map(sha => ({ sha })),
  };
}

/** A file with its content, or the rows of a directory, in Gitea's words. @internal */
export async function giteaContents(
  context: GitHostContext,
  options: {
    repository: Repository;
    objects: ObjectReader;
    reference: string;
    path: string;
    node: FileNode;
  },
) {
  const { node, objects, path, reference, repository } = options;
  const api = `${context.baseUrl()}/api/v1/repos/${repository.owner}/${
    repository.name
  }/contents`;
  const row = (at: string, type: string, sha: string) => ({
    name: at.split('/').pop() ?? '',
    path: at,
    type,
    sha,
    url: `${api}/${encodeURI(at)}?ref=${encodeURIComponent(reference)}`,
  });
  if (node.type === 'directory') {
    return node.entries.map(entry =>
      row(
        path ? `${path.replace(/\/$/, '')}/${entry.path}` : entry.path,
        { blob: 'file', tree: 'dir', commit: 'submodule' }[entry.type],
        entry.oid,
      ),
    );
  }
  const content = await objects.blob(node.oid);
  return {
    ...row(path, 'file', node.oid),
    size: content.length,
    encoding: 'base64',
    content: Buffer.from(content).toString('base64'),
  };
}
