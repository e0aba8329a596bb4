/** Checks that every relative link of the Markdown pages leads to a file of this repository. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { root } from './lib/root.mjs';

const GENERATED = new Set([
  'node_modules',
  'dist',
  'dist-types',
  'test-results',
  'coverage',
]);
const LINK = /\]\(([^)\s]+)\)/g;

const broken = [];
for (const page of await findPages(root)) {
  const text = await readFile(page, 'utf8');
  for (const [, target] of text.matchAll(LINK)) {
    const [path] = target.split('#');
    const isRelative = path !== '' && !/^[a-z]+:/i.test(path);
    if (isRelative && !existsSync(join(dirname(page), decodeURI(path)))) {
      broken.push(`${relative(root, page)}: ${target} leads nowhere`);
    }
  }
}
for (const line of broken) {
  console.error(line);
}
process.exitCode = broken.length === 0 ? 0 : 1;

async function findPages(directory) {
  const pages = [];
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!GENERATED.has(entry.name) && !entry.name.startsWith('.')) {
        pages.push(...(await findPages(path)));
      }
    } else if (entry.name.endsWith('.md')) {
      pages.push(path);
    }
  }
  return pages;
}
