import { stepPlaceholders } from '../placeholders';
import type { Runtime } from '../types';
import { clang, release, setupWasiSdk, target } from './clang';
import { jco } from './jco';

const { sources, core, scratch } = stepPlaceholders;

export const cpp: Runtime = {
  name: 'cpp-wasi',
  label: 'C++',
  language: 'C++',
  maturity: 'stable',
  sources: [
    'handler.cpp',
    'handler.cc',
    'src/handler.cpp',
    '*.cpp',
    '*.cc',
    'src/*.cpp',
    'src/*.cc',
  ],
  strategy: 'commands',
  prerequisites: [
    ...clang('clang++', { language: 'c++', header: 'string' }),
    jco,
  ],
  steps: [
    {
      label: 'Compile C++ to a core module',
      command: [
        'clang++',
        ...target,
        ...release,
        '-std=c++20',
        // The runner's engine has WebAssembly exceptions switched off.
        '-fno-exceptions',
        '-fno-rtti',
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
      { path: 'handler.cpp', purpose: 'answers a request; begin here' },
      { path: 'test/', purpose: 'its tests' },
      { path: 'function.hpp', purpose: 'what handler.cpp is written with' },
      { path: 'function.cpp', purpose: 'reads queries' },
      {
        path: 'wasi.cpp',
        purpose: 'how requests and answers pass through WASI',
      },
      { path: 'wit/', purpose: 'the interfaces that the module may use' },
    ],
    setup: [setupWasiSdk],
    test: 'make test',
    build: ['make module.wasm'],
    ignored: ['/build/'],
  },
};
