import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { clang, componentLinker } from './clang';

const { source, wit, output } = stepPlaceholders;

export const c: Runtime = {
  name: 'c-wasi',
  label: 'C',
  language: 'C',
  maturity: 'stable',
  sources: ['handler.c'],
  strategy: 'commands',
  prerequisites: [clang, componentLinker],
  steps: [
    {
      label: 'Compile C to a component',
      command: [
        'clang',
        '--target=wasm32-wasip2',
        '-O2',
        // A command (wasi:cli/run) comes out without it, which the runner refuses.
        '-mexec-model=reactor',
        '-Wl,--strip-debug',
        `-Wl,--component-type=${wit}`,
        '-o',
        output,
        source,
      ],
    },
  ],
  output: 'module.wasm',
  memoryLimit: '64Mi',
  buildable: false,
};
