// `node test/production/run.mjs`: builds the portal as it is deployed, runs it beside
// PostgreSQL and a real kube-apiserver, and checks what an operator relies on.
// The last line it prints is `N passed, N failed`. See README.md.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '../../scripts/lib/debianTools.mjs';
import { toolchainsDirectory } from '../../scripts/lib/ensureToolchains.mjs';
import { findTestPrograms } from '../../scripts/lib/testPrograms.mjs';

// The sources are TypeScript, as the backend runs them in development.
const transform = createRequire(import.meta.url).resolve(
  '@backstage/cli-node/config/nodeTransform.cjs',
);
const env = {
  ...process.env,
  CHROMIUM_PATH: findChromium() ?? '',
  WASI_TOOLCHAINS_DIRECTORY: toolchainsDirectory(),
};
findTestPrograms(env);
const main = join(fileURLToPath(new URL('.', import.meta.url)), 'main.ts');
const child = spawn(
  process.execPath,
  ['--require', transform, main, ...process.argv.slice(2)],
  { stdio: 'inherit', env },
);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => child.kill(signal));
}
child.on('close', code => {
  process.exitCode = code ?? 1;
});
