import { copyFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../runProgram.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

/** jco with the npm packages of its lockfile. */
export const jco = {
  size: '340 MB',
  pins: [join(HERE, 'package-lock.json')],
  install,
  problems: [
    [
      /E40[13]/,
      'the npm registry refused the request. Check `npm config get registry` and its login.',
    ],
    [
      /E404|ETARGET/,
      'the npm registry does not have a package of the pinned version. Check `npm config get registry`.',
    ],
    [
      /EINTEGRITY/,
      'a package is not the one that the lockfile names. Check the npm registry, and run `npm cache verify`.',
    ],
    [
      /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|UNABLE_TO|CERT/,
      'the npm registry cannot be reached. Check the network, the proxy and `npm config get registry`, then start again.',
    ],
    [
      /spawn npm ENOENT/,
      'npm was not found. Install Node with npm from nodejs.org.',
    ],
  ],
};

async function install({ incoming, npm = findNpm() }) {
  for (const file of ['package.json', 'package-lock.json']) {
    await copyFile(join(HERE, file), join(incoming, file));
  }
  const { dependencies } = JSON.parse(
    await readFile(join(HERE, 'package.json'), 'utf8'),
  );
  const start = (...args) =>
    runProgram(npm[0], [...npm.slice(1), ...args], { cwd: incoming });
  // Not `ci`: the lockfile cannot hold native packages of platforms that its registry
  // did not have, and `ci` refuses where another registry has them. What it holds,
  // version and digest, counts here as well.
  const installation = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  // One question first: without a registry, an install tries each package for minutes.
  const unreachable = await start(
    'view',
    `@bytecodealliance/jco@${dependencies['@bytecodealliance/jco']}`,
    'version',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
    '--fetch-timeout=20000',
    '--loglevel=error',
  ).then(
    () => undefined,
    error => error,
  );
  if (unreachable) {
    // npm's cache may hold everything.
    await start(...installation, '--offline').catch(() => {
      throw unreachable;
    });
  } else {
    await start(...installation);
  }
}

/** npm beside this Node, run by this Node: no shell, and no `.cmd` on Windows. */
function findNpm() {
  return process.env.npm_execpath &&
    /npm-cli\.js$/.test(process.env.npm_execpath)
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
}
