#!/usr/bin/env node
/**
 * Renews what a toolchain takes from Debian, after a change of its packages.json:
 *
 *   node scripts/toolchains/debian/updateLock.mjs clang
 */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const MIRROR = 'https://deb.debian.org/debian';
const TOOLCHAINS = join(dirname(fileURLToPath(import.meta.url)), '..');

for (const name of process.argv.slice(2)) {
  const { suite, packages } = JSON.parse(
    await readFile(join(TOOLCHAINS, name, 'packages.json'), 'utf8'),
  );
  const index = await readIndex(suite);
  const locked = packages.map(each => {
    const entry = index.get(each);
    if (!entry) {
      throw new Error(`Debian ${suite} has no package ${each}`);
    }
    return entry;
  });
  await writeFile(
    join(TOOLCHAINS, name, 'packages.lock.json'),
    `${JSON.stringify(
      { suite, snapshot: snapshotOf(new Date()), packages: locked },
      undefined,
      2,
    )}\n`,
  );
}

/** As snapshot.debian.org names the archive's state of a moment. */
function snapshotOf(date) {
  return date.toISOString().replace(/[-:]|\.\d+/g, '');
}

async function readIndex(suite) {
  const response = await fetch(
    `${MIRROR}/dists/${suite}/main/binary-amd64/Packages.gz`,
  );
  if (!response.ok) {
    throw new Error(`${response.url} answered ${response.status}`);
  }
  const text = gunzipSync(await response.arrayBuffer()).toString('utf8');
  const index = new Map();
  for (const paragraph of text.split('\n\n')) {
    const field = key => new RegExp(`^${key}: (.*)$`, 'm').exec(paragraph)?.[1];
    const entry = {
      name: field('Package'),
      version: field('Version'),
      path: field('Filename'),
      size: Number(field('Size')),
      sha256: field('SHA256'),
    };
    if (entry.name) {
      // A suite may hold several versions; the last is the newest.
      index.set(entry.name, entry);
    }
  }
  return index;
}
