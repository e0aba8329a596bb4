import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from './programs';

/** One line of the results. */
export interface Result {
  what: string;
  /** What was measured, with its unit. */
  measured: string;
  /** What it is held against: a bar, or the figures of another program. */
  bar: string;
  /** Absent where nothing is promised. */
  met?: boolean;
}

const PAGE = join(root, 'docs/benchmarks.md');

/** Puts the results of one benchmark in the place of its earlier ones. */
export function keep(name: string, title: string, results: Result[]): void {
  const section = [
    `<!-- ${name} -->`,
    '',
    `## ${title}`,
    '',
    `${new Date()
      .toISOString()
      .slice(
        0,
        10,
      )}, ${machine()}, commit \`${commit()}\`: \`npm run bench ${name}\``,
    '',
    '| what | measured | held against | met |',
    '| --- | --- | --- | --- |',
    ...results.map(
      ({ what, measured, bar, met }) =>
        `| ${what} | ${measured} | ${bar} | ${answer(met)} |`,
    ),
    '',
    `<!-- /${name} -->`,
  ].join('\n');
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  const earlier = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`);
  writeFileSync(
    PAGE,
    earlier.test(page)
      ? page.replace(earlier, () => section)
      : `${page.trimEnd()}\n\n${section}\n`,
  );
  execFileSync(join(root, 'node_modules/.bin/prettier'), ['--write', PAGE]);
}

export function print(title: string, results: Result[]): void {
  console.log(`\n${title}`);
  for (const { what, measured, bar, met } of results) {
    console.log(
      `  ${what}: ${measured} (${bar})${met === false ? ' MISSED' : ''}`,
    );
  }
}

function answer(met: boolean | undefined): string {
  if (met === undefined) {
    return '';
  }
  return met ? 'yes' : '**no**';
}

function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores, ${gigabytes} GB, ${
    process.platform
  }, Node.js ${process.versions.node}`;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', ':!docs') !== '';
  return `${git('rev-parse', '--short', 'HEAD')}${
    changed ? ' with changes' : ''
  }`;
}
