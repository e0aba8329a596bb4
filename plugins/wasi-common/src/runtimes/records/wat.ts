import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { embedAndNew } from './embedAndNew';
import { jco } from './jco';

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
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    test: 'npm test',
  },
  buildable: true,
};
