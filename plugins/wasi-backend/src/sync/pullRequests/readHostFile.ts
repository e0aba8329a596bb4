import { z } from 'zod';
import { encodePath, type HostApi } from './HostApi';
import type { RepositoryFile } from './RepositoryHost';

const fileSchema = z.object({
  // GitHub breaks it into lines.
  content: z
    .string()
    .transform(text => text.replaceAll('\n', ''))
    .pipe(z.base64()),
  sha: z.string(),
});

/** A file of a branch, by the call that GitHub and Gitea have alike. @internal */
export async function readHostFile(
  api: HostApi,
  branch: string,
  path: string,
  signal: AbortSignal,
): Promise<RepositoryFile | undefined> {
  const answer = await api.send({
    method: 'GET',
    path: `/contents/${encodePath(path)}?ref=${encodeURIComponent(branch)}`,
    expect: [200, 404],
    signal,
  });
  if (answer.status === 404) {
    return undefined;
  }
  const { content, sha } = answer.read(fileSchema);
  return { content: Buffer.from(content, 'base64').toString('utf8'), sha };
}
