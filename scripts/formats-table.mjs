#!/usr/bin/env node
/**
 * Writes what the tests of artifact formats have proven into
 * docs/artifact-formats.md:
 *
 *   cd plugins/wasi-node && npx backstage-cli package test --watchAll=false src/registry/peers
 *   node scripts/formats-table.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const RESULTS = join(ROOT, 'test-results', 'formats');
const PAGE = join(ROOT, 'docs', 'artifact-formats.md');

const PROGRAMS = {
  'kpt-calls': "kpt's calls",
  'istio-pull': "Istio's fetcher",
  'runner-pull': "the runner's client",
};
const PLACES = {
  'layout-folder': 'OCI layout, folder',
  'layout-archive': 'OCI layout, archive',
};
const FOUND = { runwasi: 'runwasi layers', spin: 'Spin application' };

const results = readdirSync(RESULTS)
  .sort()
  .map(file => JSON.parse(readFileSync(join(RESULTS, file), 'utf8')));
const absent = [...new Set(results.flatMap(result => result.absent))];
if (absent.length) {
  console.error(
    `The tests ran without ${absent.join(
      ', ',
    )}: run scripts/install-peers.mjs, then the tests again.`,
  );
  process.exit(1);
}
const [{ formats, consumers, versions }] = results;

function programsFor(kind, name) {
  const found = results.flatMap(result => result[kind][name] ?? []);
  return (
    [...new Set(found)]
      .sort()
      .map(program => PROGRAMS[program] ?? program)
      .join(', ') || '–'
  );
}

const row = cells => `| ${cells.join(' | ')} |`;
const table = (heads, rows) =>
  [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');

const formatsTable = table(
  ['`format`', 'what it is', 'when', 'who can pull it'],
  formats.map(({ name, label, when, consumers: names }) => [
    `\`${name}\``,
    label,
    when,
    names.map(consumer => consumers[consumer]).join(', '),
  ]),
);

const proofTable = table(
  ['', 'what we push is pulled by', 'pushed by others and pulled by us'],
  [
    ...formats.map(({ name }) => [`\`${name}\``, name]),
    ...Object.entries(FOUND).map(([name, label]) => [label, name]),
    ...Object.entries(PLACES).map(([name, label]) => [label, name]),
  ].map(([label, name]) => [
    label,
    programsFor('pulledByOthers', name),
    programsFor('pushedByOthers', name),
  ]),
);

const versionsLine = Object.entries(versions)
  .filter(([name]) => !(name in PROGRAMS))
  .map(([name, version]) => `${name} ${version}`)
  .sort()
  .join(', ');

function replacePart(page, name, content) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`docs/artifact-formats.md has no part ${name}`);
  }
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(
    to,
  )}`;
}

let page = readFileSync(PAGE, 'utf8');
page = replacePart(page, 'formats', formatsTable);
page = replacePart(page, 'proof', `${proofTable}\n\nWith ${versionsLine}.`);
writeFileSync(PAGE, page);
console.log(`Wrote ${PAGE}; format it with prettier.`);
