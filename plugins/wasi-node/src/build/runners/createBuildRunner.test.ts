import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWasiConfig } from '../../config';
import { ConfigReader } from '@backstage/config';
import { createBuildRunner } from './createBuildRunner';
import { usePlaces } from './__testUtils__/usePlaces';

const places = usePlaces();
let warnings: string[];
let errors: string[];

beforeEach(() => {
  warnings = [];
  errors = [];
});

/** A machine with these programs alone. */
async function runnerOf(
  runner: string | undefined,
  programs: Record<string, string> = {},
) {
  const bin = join(places.root, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  }
  const config = readWasiConfig(
    new ConfigReader({
      wasi: {
        toolchains: { directory: join(places.root, 'toolchains') },
        build: runner === undefined ? {} : { runner },
      },
    }),
  );
  return createBuildRunner({
    config,
    searchPath: bin,
    logger: {
      warn: message => warnings.push(message),
      error: message => errors.push(message),
    },
  });
}

const open = async (runner: Awaited<ReturnType<typeof runnerOf>>) => {
  const place = await runner.open({
    scratch: places.scratch,
    directory: places.source,
    runtime: {
      name: 'test-wasi',
      label: 'Test',
      language: 'Test',
      maturity: 'stable',
      sources: [],
      strategy: 'commands',
      prerequisites: [],
      steps: [],
      output: '',
    },
    timeLeft: () => 1_000,
    log: () => undefined,
  });
  await place.close();
};

const REFUSING = `#!/bin/sh
echo "bwrap: No permissions to create a new namespace" >&2
exit 1
`;

describe('where builds run', () => {
  it.each([
    [{}, 'bubblewrap (bwrap) is missing', 'apt-get install bubblewrap'],
    [
      { bwrap: REFUSING, prlimit: REFUSING },
      'No permissions to create a new namespace',
      'user namespaces',
    ],
  ])(
    'is this machine where a sandbox cannot work, which the operator is told once: %j',
    async (programs, reason, remedy) => {
      const runner = await runnerOf(undefined, programs);
      await runner.ready();
      await open(runner);
      await open(runner);

      expect(warnings).toEqual([expect.stringContaining(reason)]);
      expect(warnings[0]).toContain('with the rights of the backend');
      expect(warnings[0]).toContain(remedy);
      expect(errors).toEqual([]);
    },
  );

  it('is nowhere where a sandbox is wanted and cannot work', async () => {
    const runner = await runnerOf('sandbox');
    await runner.ready();

    await expect(open(runner)).rejects.toMatchObject({
      code: 'BUILD_RUNNER_UNAVAILABLE',
      message: 'Builds cannot run in a sandbox: bubblewrap (bwrap) is missing.',
      remedy: expect.stringContaining('apt-get install bubblewrap'),
    });
    expect(errors[0]).toContain('bubblewrap (bwrap) is missing');
    expect(warnings).toEqual([]);
  });

  it('is this machine without a word where that is wanted', async () => {
    const runner = await runnerOf('host');
    await runner.ready();
    await open(runner);

    expect([...warnings, ...errors]).toEqual([]);
  });
});
