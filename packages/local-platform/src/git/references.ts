import fs from 'node:fs';
import git from 'isomorphic-git';
import type { ObjectReader } from './ObjectReader';

/** A reference of a repository. @internal */
export interface Reference {
  /** Full name, e.g. `refs/heads/main`. */
  name: string;
  oid: string;
  /** What an annotated tag points to in the end. */
  peeled?: string;
}

/**
 * All references of a repository, by name.
 *
 * @internal
 */
export async function listReferences(
  objects: ObjectReader,
): Promise<Reference[]> {
  const { gitdir } = objects;
  const names = await git.listRefs({ fs, gitdir, filepath: 'refs' });
  const references: Reference[] = [];
  for (const short of [...names].sort()) {
    const name = `refs/${short}`;
    const oid = await git.resolveRef({ fs, gitdir, ref: name });
    const peeled = name.startsWith('refs/tags/')
      ? await peel(objects, oid)
      : oid;
    references.push(peeled === oid ? { name, oid } : { name, oid, peeled });
  }
  return references;
}

/** The branch that HEAD names, as a full reference, whether it exists or not. @internal */
export async function headBranch(gitdir: string): Promise<string> {
  return git.resolveRef({ fs, gitdir, ref: 'HEAD', depth: 2 });
}

async function peel(objects: ObjectReader, oid: string): Promise<string> {
  const object = await objects.read(oid);
  return object.type === 'tag' ? peel(objects, object.target) : oid;
}
