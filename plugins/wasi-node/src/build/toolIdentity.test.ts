import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findRuntime,
  type Runtime,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Toolchains } from '../toolchains';
import { toolIdentity } from './toolIdentity';

describe('toolIdentity', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tool-identity-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const install = (name: string, program: string) =>
    writeFile(join(folder, `${name}.js`), program);

  /** Tools that are programs of Node in the folder. */
  const toolchains = (...installed: string[]) =>
    ({
      jco: async () => ({ directory: folder, version: '1.34.0' }),
      find: async name =>
        installed.includes(name)
          ? {
              name,
              path: join(folder, `${name}.js`),
              command: process.execPath,
              args: [join(folder, `${name}.js`)],
            }
          : undefined,
      environment: ({ home }) => ({ HOME: home }),
    } as Partial<Toolchains> as Toolchains);

  const runtime: Runtime = {
    ...findRuntime('go-wasi')!,
    prerequisites: [
      {
        tool: 'Go',
        command: ['go', 'version'],
        versionPattern: 'go([0-9.]+)',
        install: '',
      },
      {
        tool: 'jco',
        command: ['jco', '--version'],
        versionPattern: '(.+)',
        install: '',
      },
      { tool: 'its target', command: ['rustc', '--print'], install: '' },
    ],
  };

  it('is what every tool of the runtime says of itself', async () => {
    await install('go', `console.log('go version go1.26.8', process.argv[2])`);
    await install('rustc', `console.log(process.env.HOME); process.exit(1)`);

    expect(
      await toolIdentity({ runtime, toolchains: toolchains('go', 'rustc') }),
    ).toEqual({
      versions: { Go: '1.26.8', jco: '1.34.0' },
      printed: [
        ['Go', 'go version go1.26.8 version\nended with 0'],
        ['jco', '1.34.0'],
        // Where it was asked is another folder each time, and says nothing of the tool.
        ['its target', '~\nended with 1'],
      ],
    });
  });

  it('leaves out a tool that is not on this machine', async () => {
    await install('go', `console.log('go1.26.8')`);

    const { printed } = await toolIdentity({
      runtime,
      toolchains: toolchains('go'),
    });
    expect(printed.map(([tool]) => tool)).toEqual(['Go', 'jco']);
  });

  it('is the builder image where the tools are in one, and asks nothing of this machine', async () => {
    const image = 'registry.example.com/builders/go@sha256:00';
    const inImage = (name?: string): Toolchains => ({
      ...toolchains(),
      image: () => name,
      find: async tool => ({ name: tool, path: tool, command: tool, args: [] }),
    });

    expect(await toolIdentity({ runtime, toolchains: inImage(image) })).toEqual(
      {
        versions: { image },
        printed: [['image', image]],
      },
    );
    expect(
      await toolIdentity({ runtime, toolchains: inImage(undefined) }),
    ).toEqual({ versions: {}, printed: [] });
  });

  it('asks again where the tool was replaced', async () => {
    await install('go', `console.log('go1.26.8')`);
    const asked = { runtime, toolchains: toolchains('go') };
    const before = await toolIdentity(asked);
    await install('go', `console.log('go1.27.30')`);

    expect(before.versions.Go).toBe('1.26.8');
    expect((await toolIdentity(asked)).versions.Go).toBe('1.27.30');
  });
});
