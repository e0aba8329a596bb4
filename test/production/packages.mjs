// `node test/production/packages.mjs`: builds and packs every published package, installs
// them with npm alone into an empty folder, and uses them there as a portal would.
// The last line it prints is `N passed, N failed`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { root } from '../../scripts/lib/root.mjs';
import { copySources } from './copySources.mjs';

const YARN = ['-y', '@yarnpkg/cli-dist@4.13.0'];
/** What a package needs beside its code, as paths of the package. */
const CONTENTS = {
  'wasi-backend': ['migrations', 'config.schema.json'],
  'wasi-node': [
    'assets/run/serve.mjs',
    'assets/sandbox/relay.mjs',
    'config.schema.json',
    'dist/testing.d.ts',
  ],
  'scaffolder-actions': ['config.schema.json'],
  'catalog-module': ['config.schema.json'],
};
const CONFIG = `
app: { baseUrl: 'http://localhost:3000' }
backend:
  baseUrl: 'http://localhost:7007'
  listen: 127.0.0.1:0
  database: { client: better-sqlite3, connection: { directory: ./db } }
`;
const START = `
const { createBackend } = require('@backstage/backend-defaults');
const backend = createBackend();
for (const name of [
  '@backstage/plugin-catalog-backend',
  '@backstage/plugin-scaffolder-backend',
  '@wasi-functions/backstage-plugin-catalog-backend-module-wasi',
  '@wasi-functions/backstage-plugin-scaffolder-backend-module-wasi',
  '@wasi-functions/backstage-plugin-wasi-backend',
]) {
  backend.add(import(name));
}
backend.start().then(() => {
  const tables = require('better-sqlite3')('db/wasi.sqlite')
    .prepare("select name from sqlite_master where type = 'table'")
    .all();
  console.log('STARTED', tables.map(({ name }) => name).join(' '));
  process.exit(0);
});
`;
const execute = promisify(execFile);
const directory = await mkdtemp(join(tmpdir(), 'wasi-packages-'));
const totals = { passed: 0, failed: 0 };

try {
  const sources = join(directory, 'sources');
  await copySources(sources);
  console.log('Declarations …');
  await writeFile(
    join(sources, 'tsconfig.packages.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      include: ['plugins/*/src', 'plugins/*/config.d.ts'],
      exclude: ['**/*.test.*', '**/__*__', '**/node_modules'],
    }),
  );
  await run(
    bin('tsc'),
    ['--incremental', 'false', '--project', 'tsconfig.packages.json'],
    sources,
  );
  const packages = [];
  for (const folder of (await readdir(join(sources, 'plugins'))).sort()) {
    console.log(`Packing ${folder} …`);
    packages.push(await pack(join(sources, 'plugins', folder)));
  }
  console.log('Installing with npm …');
  const portal = await install(packages);
  for (const { folder, manifest } of packages) {
    const installed = join(portal, 'node_modules', manifest.name);
    await check(`${manifest.name} holds what it needs and no sources`, () =>
      checkContents(folder, installed),
    );
    await check(`${manifest.name} can be loaded`, () => load(portal, manifest));
  }
  await check('their types are right for who uses them', () =>
    compile(portal, packages),
  );
  await check('the backend plugin starts, and makes its tables', () =>
    startBackend(portal),
  );
} catch (error) {
  totals.failed += 1;
  console.log(`${error.stdout || error.stderr || error.stack}`.slice(0, 4_000));
} finally {
  if (!process.env.WASI_KEEP) {
    await rm(directory, { recursive: true, force: true });
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;

async function pack(folder) {
  await run(bin('backstage-cli'), ['package', 'build'], folder);
  const archive = join(directory, `${basename(folder)}.tgz`);
  await run('npx', [...YARN, 'pack', '--out', archive], folder);
  const manifest = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  return { folder: basename(folder), archive, manifest };
}

async function install(packages) {
  const portal = join(directory, 'portal');
  await mkdir(portal);
  const dependencies = Object.fromEntries(
    packages.map(({ archive, manifest }) => [manifest.name, `file:${archive}`]),
  );
  await writeFile(
    join(portal, 'package.json'),
    JSON.stringify({
      name: 'portal',
      version: '1.0.0',
      private: true,
      dependencies: {
        ...dependencies,
        // What every portal has.
        '@backstage/backend-defaults': '^0.18.0',
        '@backstage/plugin-catalog-backend': '^4.0.0',
        '@backstage/plugin-scaffolder-backend': '^4.2.0',
        '@types/express': '^4.17.0',
        '@types/node': '^20.19.0',
        '@types/react': '^18.0.0',
        react: '^18.0.2',
        'react-dom': '^18.0.2',
        'react-router-dom': '^6.30.2',
      },
    }),
  );
  await run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--prefer-offline'],
    portal,
  );
  // It takes a minute to compile, and was compiled here.
  await symlink(
    join(root, 'node_modules/better-sqlite3'),
    join(portal, 'node_modules/better-sqlite3'),
  );
  return portal;
}

async function checkContents(folder, installed) {
  const entries = await readdir(installed);
  assert.ok(!entries.includes('src'), 'holds src');
  const manifest = JSON.parse(
    await readFile(join(installed, 'package.json'), 'utf8'),
  );
  const text = JSON.stringify(manifest);
  assert.ok(!text.includes('workspace:'), 'names a workspace');
  assert.ok(!/"[^"]*src\/index/.test(text), 'points to src');
  for (const field of ['name', 'version', 'license', 'description']) {
    assert.ok(manifest[field], `has no ${field}`);
  }
  for (const path of [
    'README.md',
    'LICENSE',
    'dist/index.d.ts',
    ...(CONTENTS[folder] ?? []),
  ]) {
    assert.ok(existsSync(join(installed, path)), `has no ${path}`);
  }
}

async function load(portal, { backstage, name }) {
  if (backstage.role === 'frontend-plugin') {
    // As an app does: through a bundler.
    await build({
      stdin: { contents: `export * from '${name}'`, resolveDir: portal },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      loader: { '.woff': 'empty', '.woff2': 'empty', '.svg': 'empty' },
      logLevel: 'silent',
    });
    return;
  }
  const { stdout } = await run(
    'node',
    ['-p', `Object.keys(require('${name}')).length`],
    portal,
  );
  assert.ok(Number(stdout) > 0, 'exports nothing');
}

async function compile(portal, packages) {
  await writeFile(
    join(portal, 'use.tsx'),
    packages
      .map(
        ({ manifest: { name } }, index) =>
          `export * as p${index} from '${name}';`,
      )
      .concat(
        "export * as testing from '@wasi-functions/backstage-plugin-wasi-node/testing';",
      )
      .join('\n'),
  );
  for (const moduleResolution of ['bundler', 'node10']) {
    await run(
      bin('tsc'),
      [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--target',
        'es2022',
        '--lib',
        'es2023,dom,dom.iterable',
        '--module',
        moduleResolution === 'bundler' ? 'es2022' : 'commonjs',
        '--moduleResolution',
        moduleResolution,
        '--jsx',
        'react-jsx',
        'use.tsx',
      ],
      portal,
    );
  }
}

async function startBackend(portal) {
  await writeFile(join(portal, 'app-config.yaml'), CONFIG);
  await writeFile(join(portal, 'start.js'), START);
  const { stdout } = await run('node', ['start.js'], portal);
  assert.match(stdout, /STARTED .*deployments/);
}

async function check(claim, prove) {
  try {
    await prove();
    totals.passed += 1;
    console.log(`  ok ${claim}`);
  } catch (error) {
    totals.failed += 1;
    console.log(`  FAILED ${claim}`);
    console.log(
      `${error.stdout || error.stderr || error.stack}`.slice(0, 4_000),
    );
  }
}

function bin(name) {
  return join(root, 'node_modules/.bin', name);
}

function run(command, args, cwd) {
  return execute(command, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
}
