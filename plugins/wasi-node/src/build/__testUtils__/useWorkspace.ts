import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TOOLCHAINS } from '../../__testUtils__/jco';
import type { BuildOptions } from '../types';
import { buildFunction } from './buildTester';

/** For the tests of the file that calls it: an empty workspace for each, and builds in it. */
export function useWorkspace() {
  const workspace = {
    directory: '',
    /** What builds said. */
    log: [] as string[],

    async write(name: string, content: string | Uint8Array) {
      const path = join(workspace.directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    },

    build(
      runtime: string,
      {
        source,
        digest,
        optimize,
        sizeBudget,
        ...options
      }: Partial<
        Omit<Parameters<typeof buildFunction>[0], 'runtime' | 'build'>
      > & {
        source?: string;
        digest?: string;
        optimize?: 'none' | 'strip' | 'size';
        sizeBudget?: string;
        log?: BuildOptions['log'];
      } = {},
    ) {
      return buildFunction({
        directory: workspace.directory,
        runtime,
        toolchainsDirectory: TOOLCHAINS,
        log: line => workspace.log.push(line),
        build: {
          ...(source !== undefined && { source }),
          ...(digest !== undefined && { digest }),
          ...(optimize !== undefined && { optimize }),
          ...(sizeBudget !== undefined && { sizeBudget }),
        },
        ...options,
      });
    },
  };

  beforeEach(async () => {
    workspace.directory = await realpath(
      await mkdtemp(join(tmpdir(), 'build-test-')),
    );
    workspace.log = [];
  });

  afterEach(async () => {
    await rm(workspace.directory, { recursive: true, force: true });
  });

  return workspace;
}
