import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../runProgram.mjs';

const REQUIREMENTS = join(
  dirname(fileURLToPath(import.meta.url)),
  'requirements.txt',
);

/** componentize-py in a virtual environment of the machine's Python. */
export const python = {
  size: '60 MB',
  pins: [REQUIREMENTS],
  install,
  problems: [
    [
      /spawn python3 ENOENT/,
      'Python was not found. Install Python 3.10 or newer.',
    ],
    [
      /ensurepip|No module named venv/,
      "Python's venv module is missing. On Debian: apt-get install python3-venv.",
    ],
    [
      /THESE PACKAGES DO NOT MATCH THE HASHES/,
      'a package is not the one that requirements.txt names. Check the Python package index.',
    ],
    [
      /NewConnectionError|NameResolutionError|ConnectTimeout|SSLError|ProxyError/,
      'the Python package index cannot be reached. Check the network, the proxy and `pip config list`, then start again.',
    ],
    [
      /No matching distribution/,
      'the Python package index has no componentize-py of the pinned version for this machine. Check `pip config list`.',
    ],
  ],
};

async function install({ incoming, target }) {
  await runProgram('python3', ['-m', 'venv', incoming]);
  const bin = join(incoming, 'bin');
  await runProgram(join(bin, 'python3'), [
    '-m',
    'pip',
    'install',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-input',
    '--quiet',
    '--retries=1',
    '--timeout=20',
    '--requirement',
    REQUIREMENTS,
  ]);
  await moveScripts(bin, incoming, target);
}

/** Scripts name their Python by the whole path of the folder that they were installed to. */
async function moveScripts(bin, from, to) {
  for (const name of await readdir(bin)) {
    const path = join(bin, name);
    if (!(await lstat(path)).isFile()) {
      continue;
    }
    const content = await readFile(path);
    if (content.includes(from)) {
      await writeFile(path, content.toString('utf8').replaceAll(from, to));
    }
  }
}
