import {
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { download } from '../download.mjs';
import { runProgram } from '../runProgram.mjs';

const PIN = join(dirname(fileURLToPath(import.meta.url)), 'rustup.json');
const HOSTS = {
  'linux x64': 'x86_64-unknown-linux-gnu',
  'linux arm64': 'aarch64-unknown-linux-gnu',
  'darwin x64': 'x86_64-apple-darwin',
  'darwin arm64': 'aarch64-apple-darwin',
};

/** Rust with the target wasm32-wasip2, by a rustup of its own that touches no other. */
export const rust = {
  size: '700 MB',
  pins: [PIN],
  install,
  problems: [
    [
      /cannot be read|could not download/,
      'static.rust-lang.org cannot be reached. Check the network and the proxy, then start again.',
    ],
  ],
};

async function install({ incoming }) {
  const { version, toolchain, sha256 } = JSON.parse(
    await readFile(PIN, 'utf8'),
  );
  const host = HOSTS[`${process.platform} ${process.arch}`];
  if (!host) {
    throw new Error('only Linux and macOS are provided for, on x64 and arm64');
  }
  const scratch = join(incoming, 'rustup');
  await mkdir(scratch);
  const setup = join(scratch, 'rustup-init');
  await writeFile(
    setup,
    await download(
      [
        `https://static.rust-lang.org/rustup/archive/${version}/${host}/rustup-init`,
      ],
      sha256[host],
    ),
    { mode: 0o755 },
  );
  await runProgram(
    setup,
    [
      '-y',
      '--no-modify-path',
      '--profile=minimal',
      `--default-toolchain=${toolchain}-${host}`,
      '--target=wasm32-wasip2',
    ],
    {
      env: {
        ...process.env,
        RUSTUP_HOME: scratch,
        CARGO_HOME: join(scratch, 'cargo'),
        RUSTUP_INIT_SKIP_PATH_CHECK: 'yes',
      },
    },
  );
  // The toolchain works wherever it lies, and without rustup.
  const installed = join(scratch, 'toolchains', `${toolchain}-${host}`);
  for (const folder of ['bin', 'lib']) {
    await rename(join(installed, folder), join(incoming, folder));
  }
  await rm(scratch, { recursive: true });
  await symlink(
    `../lib/rustlib/${host}/bin/wasm-component-ld`,
    join(incoming, 'bin', 'wasm-component-ld'),
  );
}
