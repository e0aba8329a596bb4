// `npm test`: installs what is missing, then types, format, lint, unit, integration and browser tests.
// The last line it prints is `N passed, N failed`; what could not run is counted and named above it.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { debianTools, findChromium } from './lib/debianTools.mjs';
import { ensureInstalled } from './lib/ensureInstalled.mjs';
import { ensureTestToolchains } from './lib/ensureToolchains.mjs';
import { root } from './lib/root.mjs';
import { buildTestPrograms } from './lib/testPrograms.mjs';

const results = join(root, 'test-results');
const only = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: [] };
const children = new Set();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) {
      killTree(child);
    }
    process.exit(130);
  });
}

await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });
try {
  await ensureInstalled();
  totals.skipped.push(...(await ensureTestToolchains()));
} catch (error) {
  console.error(`\n${error.message}`);
  finish({ passed: 0, failed: 1, skipped: [] });
}
totals.skipped.push(...(await debianTools()));
// Beside the checks, which measure nothing.
const testPrograms = wanted('unit') ? buildTestPrograms() : [];

// API reports are made of the declarations that the compiler writes.
await check('types and API', [
  'tsc --incremental false',
  'node scripts/api-reports.mjs --check',
]);
await check('format', ['prettier --check --loglevel warn .']);
await check('lint', ['backstage-cli repo lint --max-warnings 0']);
await check('documentation', ['node scripts/check-links.mjs']);
await check('packages', ['backstage-cli repo fix --publish --check']);
await check('configuration', [
  'backstage-cli config:check --lax',
  'backstage-cli config:check --lax --config app-config.production.yaml',
]);
totals.skipped.push(...(await testPrograms));
await unitTests();
await killTests();
await browserTests();
finish(totals);

/** Runs commands, without a shell, until one of them fails. */
async function check(name, commands) {
  if (!wanted(name)) {
    return;
  }
  heading(name);
  for (const line of commands) {
    const [command, ...args] = line.split(' ');
    if ((await run(command, args)) !== 0) {
      totals.failed += 1;
      console.log(`${name}: failed at ${line}`);
      return;
    }
  }
  totals.passed += 1;
  console.log(`${name}: ok`);
}

async function unitTests() {
  if (!wanted('unit')) {
    return;
  }
  heading('unit and integration tests');
  const report = join(results, 'jest.json');
  await run(
    'backstage-cli',
    [
      'repo',
      'test',
      '--watchAll=false',
      '--maxWorkers=2',
      '--json',
      `--outputFile=${report}`,
    ],
    { CI: 'true' },
  );
  const jest = await readJson(report);
  if (!jest) {
    totals.failed += 1;
    return;
  }
  totals.passed += jest.numPassedTests;
  totals.failed += jest.numFailedTests + jest.numRuntimeErrorTestSuites;
  for (const suite of jest.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'pending' || test.status === 'todo') {
        totals.skipped.push(test.fullName);
      }
    }
  }
}

/** Template runs whose backend, local platform or build is killed. */
async function killTests() {
  if (!wanted('kill')) {
    return;
  }
  heading('kill tests');
  const report = join(results, 'kill.json');
  await run('node', ['test/kill/run.mjs'], { WASI_KILL_REPORT: report });
  const kills = await readJson(report);
  totals.passed += kills?.passed ?? 0;
  totals.failed += kills?.failed ?? 1;
}

async function browserTests() {
  if (!wanted('browser')) {
    return;
  }
  heading('browser tests');
  const chromium = await findChromium();
  if (!chromium) {
    return;
  }
  const report = join(results, 'playwright.json');
  await run('playwright', ['test', '--reporter=list,json'], {
    CHROMIUM_PATH: chromium,
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  const playwright = await readJson(report);
  if (!playwright) {
    totals.failed += 1;
    return;
  }
  const { expected, unexpected, flaky } = playwright.stats;
  totals.passed += expected + flaky;
  totals.failed += unexpected + (expected + unexpected + flaky === 0 ? 1 : 0);
  for (const spec of specsOf(playwright)) {
    if (spec.tests.every(test => test.status === 'skipped')) {
      totals.skipped.push(spec.title);
    }
  }
}

function specsOf(suite) {
  return [
    ...(suite.specs ?? []),
    ...(suite.suites ?? []).flatMap(child => specsOf(child)),
  ];
}

function wanted(name) {
  return only.length === 0 || only.some(word => name.startsWith(word));
}

function heading(name) {
  console.log(`\n— ${name}`);
}

function run(command, args, env = {}) {
  return new Promise(resolve => {
    const path =
      command === 'node'
        ? process.execPath
        : join(root, 'node_modules/.bin', command);
    const child = spawn(path, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    children.add(child);
    child.on('error', error => {
      console.error(`${command} could not be started: ${error.message}`);
    });
    child.on('close', code => {
      children.delete(child);
      resolve(code ?? 1);
    });
  });
}

function killTree(child) {
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch (error) {
    // It ended by itself in the meantime.
    if (error.code !== 'ESRCH') {
      throw error;
    }
  }
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    console.error(`No test report at ${path}: ${error.message}`);
    return undefined;
  }
}

function finish({ passed, failed, skipped }) {
  if (skipped.length > 0) {
    console.log(`\n${skipped.length} did not run:`);
    for (const name of skipped) {
      console.log(`  ${name}`);
    }
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
