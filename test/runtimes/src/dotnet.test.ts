import {
  chmod,
  mkdtemp,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSkeleton } from './buildSkeleton';

/** The smallest component that answers HTTP. */
const COMPONENT =
  'AGFzbQ0AAQAKGgEAFXdhc2k6aHR0cC90eXBlc0AwLjIuMwUACyYBACB3YXNpOmh0dHAvaW5jb21pbmctaGFuZGxlckAwLjIuMwUAAA==';

/**
 * Stands in for .NET, which cannot be had here: notes how it was called, and leaves
 * a module where NativeAOT-LLVM does.
 */
const DOTNET = `#!/usr/bin/env node
const { mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
if (args[0] === '--version') {
  console.log('10.0.100');
} else {
  const { DOTNET_CLI_TELEMETRY_OPTOUT, DOTNET_NOLOGO, MSBUILDDISABLENODEREUSE } = process.env;
  console.log(JSON.stringify({
    args: args.map(arg => arg.replace(process.cwd() + '/', '')),
    env: { DOTNET_CLI_TELEMETRY_OPTOUT, DOTNET_NOLOGO, MSBUILDDISABLENODEREUSE },
    files: readdirSync('.').sort(),
  }));
  const folder = 'bin/Release/net10.0/wasi-wasm/native';
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + '/Function.wasm', Buffer.from('${COMPONENT}', 'base64'));
}
`;

describe('dotnet-wasi, by a recorded command line (tool: dotnet)', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'dotnet-')));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function build(program: string) {
    const dotnet = join(folder, 'dotnet');
    await writeFile(dotnet, program);
    await chmod(dotnet, 0o755);
    const log: string[] = [];
    const built = await buildSkeleton({
      skeleton: 'dotnet-wasi',
      folder,
      wasi: {
        toolchains: { paths: { dotnet } },
        build: { runner: 'host', maxCacheBytes: 0 },
      },
      log: line => log.push(line),
    });
    return { built, log };
  }

  it('is built by one call of dotnet, and its module is found', async () => {
    const { built, log } = await build(DOTNET);

    expect((await readFile(built.path)).toString('base64')).toBe(COMPONENT);
    expect(
      JSON.parse(log.find(line => line.startsWith('{')) ?? 'null'),
    ).toEqual({
      args: [
        'build',
        'Function.csproj',
        '--configuration',
        'Release',
        '-p:ContinuousIntegrationBuild=true',
      ],
      env: {
        DOTNET_CLI_TELEMETRY_OPTOUT: '1',
        DOTNET_NOLOGO: '1',
        MSBUILDDISABLENODEREUSE: '1',
      },
      files: [
        'Function.csproj',
        'Handler.cs',
        'Tests',
        'Wasi',
        'nuget.config',
        'wit',
      ],
    });
  });

  it('fails where dotnet leaves a library and no module, as without its packages', async () => {
    await expect(
      build(DOTNET.replace("'/Function.wasm'", "'/Function.dll'")),
    ).rejects.toMatchObject({ code: 'BUILD_NO_MODULE' });
  });

  it('is refused to an older SDK', async () => {
    await expect(
      build(DOTNET.replace('10.0.100', '8.0.400')),
    ).rejects.toMatchObject({
      code: 'TOOLCHAIN_VERSION',
      message: expect.stringContaining('8.0.400'),
    });
  });
});
