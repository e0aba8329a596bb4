import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { embedAndNew, embedAndNewCommands } from './embedAndNew';
import { jco, npxJco, setupNode } from './jco';

const { source, core } = stepPlaceholders;

export const wat: Runtime = {
  name: 'wat-wasi',
  label: 'WebAssembly text',
  language: 'WebAssembly',
  maturity: 'stable',
  sources: ['module.wat', 'src/module.wat', '*.wat'],
  strategy: 'text',
  prerequisites: [jco],
  steps: [
    {
      label: 'Assemble WebAssembly text',
      command: ['jco', 'parse', source, '-o', core],
    },
    ...embedAndNew,
  ],
  output: 'module.wasm',
  memoryLimit: '64Mi',
  skeleton: {
    files: [
      { path: 'module.wat', purpose: 'answers a request; begin here' },
      { path: 'module.test.js', purpose: 'its tests' },
      { path: 'host.js', purpose: 'what the tests have in place of a host' },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [setupNode],
    test: 'npm test',
    build: [`${npxJco} parse module.wat -o core.wasm`, ...embedAndNewCommands],
    ignored: ['/core.wasm', '/embedded.wasm'],
  },
};
