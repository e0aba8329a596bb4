import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { jco, npxJco, setupNode } from './jco';

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
    setup: [setupNode],
    test: 'npm test',
    build: [componentize('handler.js')],
  },
  variants: [
    {
      language: 'TypeScript',
      skeleton: {
        files: [
          { path: 'answer.ts', purpose: 'answers a request; begin here' },
          { path: 'answer.test.ts', purpose: 'its tests' },
          { path: 'handler.ts', purpose: 'what the module exports' },
          { path: 'wasi.d.ts', purpose: 'types of what the host offers' },
          { path: 'wit/', purpose: 'the interfaces that the module may use' },
        ],
        setup: [setupNode, { name: 'Install', run: 'npm install' }],
        test: 'npm test',
        build: [componentize('handler.ts')],
      },
    },
  ],
};

function componentize(file: string): string {
  return `${npxJco} componentize ${file} --bundle -w wit -n function -o module.wasm`;
}
