// Programs that some tests need and npm cannot bring. Chromium is installed where that is
// allowed; the others only in CI. What stays missing is named with the command that installs it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findPostgres } from './startPostgres.mjs';

const CHROMIUM_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const TOOLS = [
  {
    name: 'Chromium',
    debianPackage: 'chromium',
    find: findChromium,
    without: 'the browser tests',
    always: true,
  },
  {
    name: 'docker-registry',
    debianPackage: 'docker-registry',
    find: () => onPath('docker-registry'),
    without: "pushing to Debian's docker-registry",
  },
  {
    name: 'skopeo',
    debianPackage: 'skopeo',
    find: () => onPath('skopeo'),
    without: 'reading artifacts back with skopeo',
  },
  {
    name: 'bubblewrap',
    debianPackage: 'bubblewrap',
    find: () => onPath('bwrap'),
    without: 'builds in a sandbox',
  },
  {
    name: 'git',
    debianPackage: 'git',
    find: () => onPath('git'),
    without: 'cloning from the local git host with git',
  },
  {
    name: 'PostgreSQL',
    debianPackage: 'postgresql',
    find: findPostgres,
    without: 'the database of the plugin on PostgreSQL',
  },
];

/** Installs what it may; answers one sentence for each tool that stays missing. */
export async function debianTools() {
  const missing = TOOLS.filter(tool => !tool.find());
  const installable = missing.filter(tool => tool.always || process.env.CI);
  if (installable.length > 0 && mayInstall()) {
    const packages = installable.map(tool => tool.debianPackage);
    console.log(`Installing ${packages.join(', ')} from Debian …`);
    const apt = args =>
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        timeout: 300_000,
      });
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  }
  return TOOLS.filter(tool => !tool.find()).map(
    tool =>
      `${tool.without}: ${tool.name} was not found (on Debian: apt-get install ${tool.debianPackage})`,
  );
}

/** Path of a Chromium or Chrome, `CHROMIUM_PATH` first. */
export function findChromium() {
  return [process.env.CHROMIUM_PATH, ...CHROMIUM_PLACES].find(
    path => path && existsSync(path),
  );
}

function mayInstall() {
  return (
    process.getuid?.() === 0 &&
    existsSync('/etc/debian_version') &&
    onPath('apt-get') !== undefined
  );
}

function onPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        // Not in this folder.
        return false;
      }
    });
}
