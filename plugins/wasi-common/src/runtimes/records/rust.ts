import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';

const { crate } = stepPlaceholders;

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
      install: 'Install Rust from rustup.rs.',
    },
    {
      tool: 'wasm32-wasip2 target',
      command: [
        'rustc',
        '--target',
        'wasm32-wasip2',
        '--print',
        'target-libdir',
      ],
      install:
        'Add the target with `rustup target add wasm32-wasip2` (on Debian sid: `apt install libstd-rust-dev-wasm32`).',
    },
  ],
  steps: [
    {
      label: 'Compile Rust to a component',
      command: ['cargo', 'build', '--release', '--target', 'wasm32-wasip2'],
    },
  ],
  output: `target/wasm32-wasip2/release/${crate}.wasm`,
  memoryLimit: '64Mi',
  buildable: false,
};
