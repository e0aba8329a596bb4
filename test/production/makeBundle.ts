import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../bench/programs';
import { copySources } from './copySources.mjs';

const YARN = ['-y', '@yarnpkg/cli-dist@4.13.0'];
/** What the image has beside what the two archives bring; as packages/backend/Dockerfile. */
const COPIED = [
  'package.json',
  'yarn.lock',
  '.yarnrc.yml',
  'backstage.json',
  'app-config.production.yaml',
  'templates',
];
const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'wasi-functions/production',
);

/**
 * Builds the portal from the files that git knows, in a copy, and installs it for
 * production, step by step as packages/backend/Dockerfile. Dependencies that were
 * installed once are kept.
 *
 * @returns The folder that the image would have as its working directory.
 */
export async function makeBundle(directory: string): Promise<string> {
  const sources = join(directory, 'sources');
  await copySources(sources);
  await run('npm', ['run', 'build:backend'], { cwd: sources });

  const app = join(directory, 'app');
  await mkdir(app);
  const archive = (name: string) =>
    join(sources, 'packages/backend/dist', `${name}.tar.gz`);
  await run('tar', ['xzf', archive('skeleton'), '-C', app]);
  for (const name of COPIED) {
    await cp(join(sources, name), join(app, name), { recursive: true });
  }
  await installProduction(app);
  await run('tar', ['xzf', archive('bundle'), '-C', app]);
  // The archive's own folder is closed to all but its owner.
  await chmod(app, 0o755);
  await rm(sources, { recursive: true });
  return app;
}

async function installProduction(app: string): Promise<void> {
  const modules = join(app, 'node_modules');
  const kept = join(cache, await fingerprint(app), 'node_modules');
  if (!existsSync(kept)) {
    await run(
      'npx',
      [...YARN, 'workspaces', 'focus', '--all', '--production'],
      {
        cwd: app,
        // Whoever needs a compiler here would need one in the image, too.
        env: { ...process.env, CC: 'false', CXX: 'false' },
      },
    );
    await rm(cache, { recursive: true, force: true });
    await mkdir(dirname(kept), { recursive: true });
    await run('cp', ['-al', modules, `${kept}.new`]);
    await rename(`${kept}.new`, kept);
    return;
  }
  await run('cp', ['-al', kept, modules]);
}

async function fingerprint(app: string): Promise<string> {
  const manifests = await run('find', [
    app,
    '-name',
    'package.json',
    '-not',
    '-path',
    '*/templates/*',
  ]);
  const hash = createHash('sha256').update(process.version);
  for (const path of [
    ...manifests.trim().split('\n').sort(),
    join(app, 'yarn.lock'),
  ]) {
    hash.update(await readFile(path));
  }
  return hash.digest('hex').slice(0, 16);
}
