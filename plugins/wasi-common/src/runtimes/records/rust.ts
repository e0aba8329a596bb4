import { stepPlaceholders } from '../placeholders';
import { toolVersions } from '../pinnedVersions';
import type { Runtime } from '../types';

const { scratch } = stepPlaceholders;

export const rust: Runtime = {
  name: 'rust-wasi',
  label: 'Rust',
  language: 'Rust',
  maturity: 'stable',
  sources: ['Cargo.toml'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'cargo',
      command: ['cargo', '--version'],
      versionPattern: 'cargo ([0-9]+\\.[0-9]+\\.[0-9]+)',
      minimum: '1.82.0',
      install: `Install Rust ${toolVersions.rust} or newer from rustup.rs.`,
    },
    {
      tool: 'wasm32-wasip2 target',
      // Without its library, no sysroot holds a `core` to compile with.
      command: [
        'rustc',
        '--target=wasm32-wasip2',
        '--crate-type=lib',
        '--emit=metadata',
        '--out-dir=.',
        '-',
      ],
      install:
        'Add the target with `rustup target add wasm32-wasip2` (on Debian sid: `apt install libstd-rust-dev-wasm32`).',
    },
    {
      tool: 'cc',
      command: ['cc', '--version'],
      install:
        'Install a C compiler, which Rust links macros with (on Debian: `apt install gcc libc6-dev`).',
    },
  ],
  steps: [
    {
      label: 'Compile Rust to a component',
      command: [
        'cargo',
        'build',
        '--release',
        '--target=wasm32-wasip2',
        // Wherever settings and workspaces would have it.
        `--target-dir=${scratch}/target`,
        // Messages of panics name source files: not by where they happen to lie.
        `--config=target.wasm32-wasip2.rustflags=["--remap-path-prefix=${scratch}=."]`,
      ],
    },
  ],
  output: `${scratch}/target/wasm32-wasip2/release/*.wasm`,
  memoryLimit: '64Mi',
  network: true,
  skeleton: {
    files: [
      {
        path: 'src/main.rs',
        purpose: 'answers a request, and tests it; begin here',
      },
      { path: 'Cargo.toml', purpose: 'the libraries, and how it is optimised' },
    ],
    setup: [
      {
        name: 'Install',
        run: [
          `rustup toolchain install ${toolVersions.rust} --profile minimal --target wasm32-wasip2`,
          `rustup default ${toolVersions.rust}`,
        ].join('\n'),
      },
    ],
    test: 'cargo test',
    build: [
      'cargo build --release --target wasm32-wasip2',
      'cp target/wasm32-wasip2/release/*.wasm module.wasm',
    ],
    ignored: ['/target/'],
  },
};
