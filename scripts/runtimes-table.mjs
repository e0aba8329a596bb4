// `node scripts/runtimes-table.mjs`: renews the table of docs/runtimes.md from the
// results that `test/runtimes` left in test-results/runtimes.json.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './lib/root.mjs';

const RESULTS = join(root, 'test-results/runtimes.json');
const PAGE = join(root, 'docs/runtimes.md');
const BEGIN = '<!-- runtimes: begin, made by scripts/runtimes-table.mjs -->';
const END = '<!-- runtimes: end -->';

/**
 * Puts the results in the page, in place of those of an earlier run.
 *
 * @param {string} page
 * @param {object[]} results As `test/runtimes/src/results.ts` declares them.
 * @param {string} machine
 */
export function insertTable(page, results, machine) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new Error(`docs/runtimes.md has no "${BEGIN}" … "${END}".`);
  }
  return [
    page.slice(0, begin + BEGIN.length),
    '',
    table(results),
    '',
    machine,
    '',
    page.slice(end),
  ].join('\n');
}

function table(results) {
  const header = [
    'skeleton',
    'built here',
    'size',
    'gzip',
    'build',
    'cold start',
    'requests/s',
    'tests passed',
    'failed',
    'skipped',
  ];
  const rows = results.map(result => [
    `\`${result.skeleton}\``,
    result.built ? 'yes' : 'no',
    size(result.bytes),
    size(result.gzipBytes),
    seconds(result.buildMs),
    seconds(result.coldStartMs),
    String(result.requestsPerSecond ?? '–'),
    String(result.passed),
    String(result.failed),
    String(result.skipped),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map(row => row[column].length)),
  );
  const line = cells =>
    `| ${cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join(' | ')} |`;
  return [
    line(header),
    line(widths.map(width => '-'.repeat(width))),
    ...rows.map(line),
  ].join('\n');
}

function size(bytes) {
  if (bytes === undefined) {
    return '–';
  }
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1000)} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function seconds(milliseconds) {
  return milliseconds === undefined
    ? '–'
    : `${(milliseconds / 1000).toFixed(1)} s`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = JSON.parse(await readFile(RESULTS, 'utf8'));
  const day = new Date().toISOString().slice(0, 10);
  await writeFile(
    PAGE,
    insertTable(
      await readFile(PAGE, 'utf8'),
      results,
      `${day}, ${cpus().length} processors, Node ${process.versions.node}.`,
    ),
  );
}
