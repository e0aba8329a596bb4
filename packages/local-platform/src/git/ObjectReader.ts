import fs from 'node:fs';
import git from 'isomorphic-git';

/** One row of a git tree. @internal */
export interface TreeEntry {
  mode: string;
  path: string;
  oid: string;
  type: 'blob' | 'tree' | 'commit';
}

/** A commit, cut down to what the git host reads. @internal */
export interface CommitFacts {
  oid: string;
  tree: string;
  parents: string[];
  message: string;
  author: { name: string; email: string; timestamp: number };
}

/** A git object other than a blob, with what it points to. @internal */
export type GraphObject =
  | { type: 'commit'; commit: CommitFacts }
  | { type: 'tree'; entries: TreeEntry[] }
  | { type: 'tag'; target: string }
  | { type: 'blob' };

/**
 * Reads objects of one repository during one request.
 *
 * @internal
 */
export class ObjectReader {
  // Holds opened packs. Never longer than a request, so memory goes with it.
  private readonly cache = {};

  constructor(readonly gitdir: string) {}

  /** Tells whether the repository holds an object, without reading it. */
  async has(oid: string): Promise<boolean> {
    try {
      await git.expandOid({
        fs,
        gitdir: this.gitdir,
        cache: this.cache,
        oid,
      });
      return true;
    } catch (error) {
      if (error instanceof git.Errors.NotFoundError) {
        return false;
      }
      throw error;
    }
  }

  /** The object and what it points to; throws where it is missing. */
  async read(oid: string): Promise<GraphObject> {
    const result = await git.readObject({
      fs,
      gitdir: this.gitdir,
      cache: this.cache,
      oid,
      format: 'parsed',
    });
    switch (result.type) {
      case 'commit': {
        const { author, message, parent, tree } = parsed(result.object);
        return {
          type: 'commit',
          commit: { oid, tree, parents: parent, message, author },
        };
      }
      case 'tree':
        return { type: 'tree', entries: parsed(result.object) };
      case 'tag':
        return { type: 'tag', target: parsed(result.object).object };
      default:
        return { type: 'blob' };
    }
  }

  /** The commit an object stands for, following tags; undefined for trees and blobs. */
  async commit(oid: string): Promise<CommitFacts | undefined> {
    const object = await this.read(oid);
    switch (object.type) {
      case 'commit':
        return object.commit;
      case 'tag':
        return this.commit(object.target);
      default:
        return undefined;
    }
  }

  /** The rows of a tree. */
  async tree(oid: string): Promise<TreeEntry[]> {
    const object = await this.read(oid);
    if (object.type !== 'tree') {
      throw new Error(`${oid} is a ${object.type}, not a tree`);
    }
    return object.entries;
  }

  /** The bytes of a blob. */
  async blob(oid: string): Promise<Uint8Array> {
    const { blob } = await git.readBlob({
      fs,
      gitdir: this.gitdir,
      cache: this.cache,
      oid,
    });
    return blob;
  }

  /** The objects as one pack. */
  async pack(oids: string[]): Promise<Uint8Array> {
    const { packfile } = await git.packObjects({
      fs,
      dir: this.gitdir,
      gitdir: this.gitdir,
      cache: this.cache,
      oids,
    });
    if (!packfile) {
      throw new Error('No pack was made.');
    }
    return packfile;
  }
}

// The types of isomorphic-git do not say that `format: 'parsed'` parses.
function parsed<T extends object>(object: T | Uint8Array): T {
  if (object instanceof Uint8Array) {
    throw new Error('A git object was not parsed.');
  }
  return object;
}
