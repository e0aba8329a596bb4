import type { Runtime } from '../types';

export const prebuilt: Runtime = {
  name: 'prebuilt-wasi',
  label: 'Existing module',
  language: 'WebAssembly',
  maturity: 'stable',
  sources: ['module.wasm', '*.wasm'],
  strategy: 'prebuilt',
  prerequisites: [],
  steps: [],
  output: 'module.wasm',
};
