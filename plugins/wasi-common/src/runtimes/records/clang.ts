import type { RuntimePrerequisite } from '../types';

export const clang: RuntimePrerequisite = {
  tool: 'clang',
  command: ['clang', '--version'],
  versionPattern: 'clang version ([0-9]+\\.[0-9]+)',
  minimum: '19.0',
  install:
    'Install wasi-sdk from github.com/WebAssembly/wasi-sdk and put its bin folder on the PATH.',
};

export const componentLinker: RuntimePrerequisite = {
  tool: 'wasm-component-ld',
  command: ['wasm-component-ld', '--version'],
  versionPattern: '([0-9]+\\.[0-9]+\\.[0-9]+)',
  install:
    'Install wasm-component-ld: wasi-sdk brings it, or run `cargo install wasm-component-ld`.',
};
