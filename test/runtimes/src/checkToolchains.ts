import { ConfigReader } from '@backstage/config';
import {
  createToolchains,
  readWasiConfig,
} from '@wasi-functions/backstage-plugin-wasi-node';

/** Prints which runtimes this machine can build; a program of its own, as tests are declared at once. */
async function main() {
  const toolchains = createToolchains(readWasiConfig(new ConfigReader({})));
  const missing = Object.fromEntries(
    (await toolchains.checkAll()).map(({ name, problems }) => [
      name,
      problems.map(({ message }) => message),
    ]),
  );
  const wasmtime =
    process.env.WASMTIME ?? (await toolchains.find('wasmtime'))?.path;
  process.stdout.write(JSON.stringify({ missing, wasmtime }));
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
