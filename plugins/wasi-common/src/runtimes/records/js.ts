import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { jco } from './jco';

const { source, wit, output } = stepPlaceholders;

export const js: Runtime = {
  name: 'js-wasi',
  label: 'JavaScript',
  language: 'JavaScript',
  maturity: 'stable',
  sources: [
    'src/index.js',
    'src/index.ts',
    'index.js',
    'index.ts',
    'handler.js',
    'handler.ts',
  ],
  strategy: 'commands',
  prerequisites: [jco],
  steps: [
    {
      label: 'Compile JavaScript to a component',
      command: [
        'jco',
        'componentize',
        source,
        // Without it, imports resolve against the working directory.
        '--bundle',
        '-w',
        wit,
        '-n',
        'function',
        '-o',
        output,
      ],
    },
  ],
  output: 'module.wasm',
  memoryLimit: '512Mi',
  skeleton: {
    files: [
      { path: 'answer.js', purpose: 'answers a request; begin here' },
      { path: 'answer.test.js', purpose: 'its tests' },
      { path: 'handler.js', purpose: 'what the module exports' },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    test: 'npm test',
  },
  buildable: true,
};
