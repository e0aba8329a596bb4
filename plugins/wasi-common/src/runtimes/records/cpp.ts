import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { clang, componentLinker } from './clang';

const { source, wit, output } = stepPlaceholders;

export const cpp: Runtime = {
  name: 'cpp-wasi',
  label: 'C++',
  language: 'C++',
  maturity: 'stable',
  sources: ['handler.cpp', 'handler.cc'],
  strategy: 'commands',
  prerequisites: [
    { ...clang, tool: 'clang++', command: ['clang++', '--version'] },
    componentLinker,
  ],
  steps: [
    {
      label: 'Compile C++ to a component',
      command: [
        'clang++',
        '--target=wasm32-wasip2',
        '-O2',
        // The runner's engine has WebAssembly exceptions switched off.
        '-fno-exceptions',
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
