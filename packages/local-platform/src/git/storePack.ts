import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { moveDurably } from '../platform/durableFile';
import { checkPackSizes } from './checkPackSizes';
import type { ObjectReader } from './ObjectReader';
import { PackError } from './PackError';
import { INCOMING } from './replaceFile';

/**
 * Checks a received pack and puts it into the repository.
 *
 * The pack becomes visible to readers only once its index stands beside it, and
 * is taken out again by `discard`.
 *
 * @internal
 */
export async function storePack(
  gitdir: string,
  pack: Buffer,
  maxObjectBytes: number,
): Promise<{ oids: string[]; discard(): Promise<void> }> {
  assertWhole(pack);
  checkPackSizes(pack, maxObjectBytes);
  const folder = join(gitdir, 'objects', 'pack');
  const draft = `tmp-${randomUUID()}.pack`;
  const name = `pack-${pack.subarray(-20).toString('hex')}`;
  const files = [join(folder, `${name}.pack`), join(folder, `${name}.idx`)];
  // The same pack sent again must stay when this push is refused.
  const isNew = !fs.existsSync(files[1]);
  const discard = async () => {
    if (isNew) {
      await Promise.all(files.map(file => rm(file, { force: true })));
    }
  };
  // The draft's own index would be read as soon as it is written: keep it apart.
  const draftFolder = join(gitdir, INCOMING);
  await fs.promises.mkdir(draftFolder, { recursive: true });
  try {
    await writeFile(join(draftFolder, draft), pack);
    const { oids } = await git.indexPack({
      fs,
      dir: draftFolder,
      gitdir,
      filepath: draft,
    });
    // isomorphic-git leaves out what it cannot resolve, without a word.
    const announced = pack.readUInt32BE(8);
    if (new Set(oids).size !== announced) {
      throw new PackError(
        `the pack holds ${announced} objects, ${oids.length} of them could be read`,
      );
    }
    await moveDurably(join(draftFolder, draft), files[0]);
    await moveDurably(
      join(draftFolder, draft.replace(/pack$/, 'idx')),
      files[1],
    );
    return { oids, discard };
  } catch (error) {
    await discard();
    throw error;
  } finally {
    await rm(draftFolder, { recursive: true, force: true });
  }
}

/**
 * The first object that is missing below `tip`, looking only through what was
 * just received: what was there before is complete.
 *
 * @internal
 */
export async function findMissing(
  objects: ObjectReader,
  tip: string,
  received: ReadonlySet<string>,
): Promise<string | undefined> {
  const seen = new Set<string>();
  const pending = [tip];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    if (seen.has(oid)) {
      continue;
    }
    seen.add(oid);
    if (!received.has(oid)) {
      if (!(await objects.has(oid))) {
        return oid;
      }
      continue;
    }
    const object = await objects.read(oid);
    switch (object.type) {
      case 'commit':
        pending.push(object.commit.tree, ...object.commit.parents);
        break;
      case 'tag':
        pending.push(object.target);
        break;
      case 'tree':
        // A commit in a tree is a submodule and lives elsewhere.
        pending.push(
          ...object.entries
            .filter(({ type }) => type !== 'commit')
            .map(entry => entry.oid),
        );
        break;
      default:
    }
  }
  return undefined;
}

function assertWhole(pack: Buffer): void {
  // https://git-scm.com/docs/gitformat-pack
  if (pack.length < 32 || pack.subarray(0, 4).toString('latin1') !== 'PACK') {
    throw new PackError('the data sent is not a pack');
  }
  const sum = createHash('sha1').update(pack.subarray(0, -20)).digest();
  if (!sum.equals(pack.subarray(-20))) {
    throw new PackError('the pack was damaged or cut off on the way');
  }
}
