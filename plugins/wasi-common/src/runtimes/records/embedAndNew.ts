import { stepPlaceholders } from '../placeholders';
import type { RuntimeStep } from '../types';
import { npxJco } from './jco';

const { wit, core, embedded, output } = stepPlaceholders;

/** From a core module to a component, by jco. */
export const embedAndNew: RuntimeStep[] = [
  {
    label: 'Attach the WIT world',
    command: [
      'jco',
      'embed',
      core,
      '--wit',
      wit,
      '-n',
      'function',
      '-o',
      embedded,
    ],
  },
  {
    label: 'Make it a component',
    command: ['jco', 'new', embedded, '--wasi-reactor', '-o', output],
  },
];

/** The same as typed in a shell. */
export const embedAndNewCommands = [
  `${npxJco} embed core.wasm --wit wit -n function -o embedded.wasm`,
  `${npxJco} new embedded.wasm --wasi-reactor -o module.wasm`,
];
