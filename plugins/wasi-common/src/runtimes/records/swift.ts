import type { Runtime } from '../types';
import { embedAndNew } from './embedAndNew';
import { jco } from './jco';

export const swift: Runtime = {
  name: 'swift-wasi',
  label: 'Swift',
  language: 'Swift',
  maturity: 'experimental',
  sources: ['Package.swift'],
  strategy: 'commands',
  prerequisites: [
    {
      tool: 'swift',
      command: ['swift', '--version'],
      versionPattern: 'Swift version ([0-9]+\\.[0-9]+)',
      minimum: '6.0',
      install: 'Install Swift 6.2 or newer from swift.org/install.',
    },
    {
      tool: 'Swift SDK for WebAssembly',
      command: [
        'swift',
        'sdk',
        'configure',
        '--show-configuration',
        'swift-6.2.3-RELEASE_wasm',
        'wasm32-unknown-wasip1',
      ],
      install:
        'Install the WebAssembly SDK with `swift sdk install`, as swift.org/documentation/articles/wasm-getting-started.html tells.',
    },
    jco,
  ],
  steps: [
    {
      label: 'Compile Swift to a core module',
      command: [
        'swift',
        'build',
        '-c',
        'release',
        '--swift-sdk',
        'swift-6.2.3-RELEASE_wasm',
        '-Xswiftc',
        '-Xclang-linker',
        '-Xswiftc',
        '-mexec-model=reactor',
      ],
    },
    ...embedAndNew,
  ],
  output: 'module.wasm',
  memoryLimit: '128Mi',
  buildable: false,
};
