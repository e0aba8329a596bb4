import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { clang, release, setupWasiSdk, target } from './clang';
import { jco } from './jco';

const { sources, core, scratch } = stepPlaceholders;

export const c: Runtime = {
  name: 'c-wasi',
  label: 'C',
  language: 'C',
  maturity: 'stable',
  sources: ['handler.c', 'src/handler.c', '*.c', 'src/*.c'],
  strategy: 'commands',
  prerequisites: [
    ...clang('clang', { language: 'c', header: 'stdlib.h' }),
    jco,
  ],
  steps: [
    {
      label: 'Compile C to a core module',
      command: [
        'clang',
        ...target,
        ...release,
        // Wherever the source lies, the same module comes of it.
        `-ffile-prefix-map=${scratch}=.`,
        '-I.',
        '-Iinclude',
        '-o',
        core,
        sources,
      ],
    },
  ],
  output: 'module.wasm',
  memoryLimit: '64Mi',
  skeleton: {
    files: [
      { path: 'handler.c', purpose: 'answers a request; begin here' },
      { path: 'test/', purpose: 'its tests' },
      { path: 'function.h', purpose: 'what handler.c is written with' },
      { path: 'function.c', purpose: 'queries, settings and growing text' },
      { path: 'wasi.c', purpose: 'how requests and answers pass through WASI' },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [setupWasiSdk],
    test: 'make test',
    build: ['make module.wasm'],
    ignored: ['/build/'],
  },
};
