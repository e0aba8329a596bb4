import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What this machine can build and run. */
export const machine: {
  /** What keeps a runtime from being built, by its name; empty where nothing does. */
  missing: Record<string, string[]>;
  /** Where the tools lie that run the tests of skeletons, by name. */
  folders: Record<string, string>;
  /** Path of jco. */
  jco?: string;
  /** Path of Wasmtime, a second engine. */
  wasmtime?: string;
} = JSON.parse(
  execFileSync(
    process.execPath,
    [
      '--require',
      require.resolve('@backstage/cli/config/nodeTransform.cjs'),
      join(__dirname, 'checkToolchains.ts'),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  ),
);
