// `npm run bench [name…]`: measures, prints, and keeps the results in docs/benchmarks.md.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The sources are TypeScript, as the backend runs them in development.
const transform = createRequire(import.meta.url).resolve(
  '@backstage/cli-node/config/nodeTransform.cjs',
);
const main = join(fileURLToPath(new URL('.', import.meta.url)), 'main.ts');
const { status } = spawnSync(
  process.execPath,
  ['--require', transform, main, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
