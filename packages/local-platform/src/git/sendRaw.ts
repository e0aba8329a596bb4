import type { Response } from 'express';
import { GitHostError } from './GitHostError';
import type { CommitFacts, ObjectReader } from './ObjectReader';
import { readPath } from './repositoryFiles';

/**
 * Answers the bytes of a file, never in a form that a browser would run.
 *
 * @internal
 */
export async function sendRaw(
  response: Response,
  objects: ObjectReader,
  commit: CommitFacts,
  path: string,
): Promise<void> {
  const node = await readPath(objects, commit, path);
  if (node.type !== 'file') {
    throw new GitHostError(404, `"${path}" is a folder.`);
  }
  const content = Buffer.from(await objects.blob(node.oid));
  response
    .type(
      isText(content)
        ? 'text/plain; charset=utf-8'
        : 'application/octet-stream',
    )
    .set('Content-Security-Policy', "default-src 'none'; sandbox")
    .send(content);
}

/** Tells text from anything else the way git does: by a zero byte near the start. @internal */
export function isText(content: Uint8Array): boolean {
  return !content.subarray(0, 8000).includes(0);
}
