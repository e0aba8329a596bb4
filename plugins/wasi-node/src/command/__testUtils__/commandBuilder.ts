import { ConfigReader } from '@backstage/config';
import { TOOLCHAINS } from '../../__testUtils__/jco';
import { createBuildRunner } from '../../build/runners';
import { readWasiConfig } from '../../config';
import { createToolchains } from '../../toolchains';
import { createCommandBuilder } from '../createCommandBuilder';

/** A builder with the tools of this machine. */
export function commandBuilder() {
  const config = readWasiConfig(
    new ConfigReader({
      wasi: {
        toolchains: { directory: TOOLCHAINS },
        build: { runner: 'host', maxModuleBytes: 20_000_000 },
      },
    }),
  );
  const toolchains = createToolchains(config);
  const runner = createBuildRunner({ config });
  return {
    config,
    toolchains,
    runner,
    builder: createCommandBuilder({
      config,
      toolchains,
      runner,
      registry: {} as never,
    }),
  };
}
