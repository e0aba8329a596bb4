import { dirname } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { runtimes } from '@wasi-functions/backstage-plugin-wasi-common';
import {
  createToolchains,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** Prints what this machine has; a program of its own, as tests are declared at once. */
async function main() {
  const toolchains = createToolchains(readWasiConfig(new ConfigReader({})));
  const missing = Object.fromEntries(
    (await toolchains.checkAll()).map(({ name, problems }) => [
      name,
      problems.map(({ message }) => message),
    ]),
  );
  const folders: Record<string, string> = {};
  for (const { skeleton } of runtimes) {
    const [tool] = skeleton?.test?.split(' ') ?? [];
    const found = tool ? await toolchains.find(tool) : undefined;
    if (tool && found) {
      // Of a script it is the folder of Node, which npm lies beside.
      folders[tool] = dirname(found.command);
    }
  }
  const wasmtime =
    process.env.WASMTIME ?? (await toolchains.find('wasmtime'))?.path;
  const jco = (await toolchains.find('jco'))?.path;
  process.stdout.write(JSON.stringify({ missing, folders, wasmtime, jco }));
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
