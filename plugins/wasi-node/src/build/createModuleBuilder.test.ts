import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import * as encode from '../inspect/__testUtils__/encode';
import { HTTP_COMPONENT } from './__testUtils__/buildTester';
import { useWorkspace } from './__testUtils__/useWorkspace';

const workspace = useWorkspace();
const { build, write } = workspace;

describe('createModuleBuilder', () => {
  it('takes a module of the repository where it lies', async () => {
    await write('lib/hello.wasm', HTTP_COMPONENT);

    expect(await build('prebuilt-wasi', { source: 'lib/hello.wasm' })).toEqual({
      path: join(workspace.directory, 'lib/hello.wasm'),
      size: HTTP_COMPONENT.length,
      durationMs: expect.any(Number),
      phases: ['check tools', 'fetch', 'check'].map(name => ({
        name,
        durationMs: expect.any(Number),
      })),
      tools: {},
      unchanged: false,
      findings: [],
    });
    expect(await readdir(workspace.directory)).toEqual(['lib']);
  });

  it('names everything that is missing on this machine', async () => {
    await expect(
      build('js-wasi', {
        toolchainsDirectory: join(workspace.directory, 'none'),
      }),
    ).rejects.toMatchObject({
      code: 'TOOLCHAIN_MISSING',
      message:
        'JavaScript modules cannot be built on this machine: jco is missing.',
      remedy: expect.stringContaining('npm install'),
      findings: [{ code: 'TOOLCHAIN_MISSING', message: 'jco is missing.' }],
    });
  });

  it('refuses a runtime that there is not', async () => {
    await expect(build('cobol-wasi')).rejects.toMatchObject({
      code: 'RUNTIME_UNKNOWN',
    });
  });

  it.each([
    ['a path out of the folder', '../outside.wasm', 'SOURCE_PATH_ESCAPES'],
    ['an absolute path', '/etc/hostname', 'SOURCE_PATH_ESCAPES'],
    ['a link out of the folder', 'link.wasm', 'SOURCE_PATH_ESCAPES'],
    ['a file that is not there', 'none.wasm', 'SOURCE_MISSING'],
    ['a folder', 'folder', 'SOURCE_MISSING'],
    ['another scheme', 'file:///etc/hostname', 'SOURCE_URL_NOT_ALLOWED'],
    ['plain http', 'http://modules.test/a.wasm', 'SOURCE_URL_NOT_ALLOWED'],
    [
      'a host that is not allowed',
      'https://x.test/a',
      'SOURCE_URL_NOT_ALLOWED',
    ],
    ['an npm package without a version', 'npm:pkg/a.wasm', 'INPUT_INVALID'],
  ])('refuses %s as a source', async (_, source, code) => {
    await mkdir(join(workspace.directory, 'folder'));
    await symlink('/etc/hostname', join(workspace.directory, 'link.wasm'));

    await expect(
      build('prebuilt-wasi', { source, allowedHosts: ['modules.test'] }),
    ).rejects.toMatchObject({ code });
  });

  it.each([
    ['text', Buffer.from('hello'), 'MODULE_NOT_WASM'],
    [
      'a truncated module',
      HTTP_COMPONENT.subarray(0, HTTP_COMPONENT.length - 3),
      'MODULE_TRUNCATED',
    ],
    [
      'a component that answers no HTTP',
      Buffer.from(encode.component()),
      'MODULE_NOT_HTTP',
    ],
    [
      'a core module that is a command',
      Buffer.from(
        encode.coreModule(encode.coreTypes, encode.coreExports('_start')),
      ),
      'MODULE_IS_CORE',
    ],
    [
      'a core module whose world is not that of HTTP',
      Buffer.from(
        encode.coreModule(
          encode.custom('component-type:other'),
          encode.coreTypes,
          encode.coreExports('fd_write'),
        ),
      ),
      'MODULE_IS_CORE',
    ],
    [
      'a module for kpt',
      Buffer.from(
        encode.coreModule(
          encode.coreTypes,
          encode.coreImports(['gojs', 'runtime.wasmExit']),
        ),
      ),
      'MODULE_IS_CORE',
    ],
  ])('refuses %s, and leaves the folder as it was', async (_, bytes, code) => {
    await write('module.wasm', bytes);

    await expect(build('prebuilt-wasi')).rejects.toMatchObject({ code });
    expect(await readdir(workspace.directory)).toEqual(['module.wasm']);
    expect(await readFile(join(workspace.directory, 'module.wasm'))).toEqual(
      bytes,
    );
  });

  it('refuses a module that is larger than configured', async () => {
    await write('module.wasm', HTTP_COMPONENT);

    await expect(
      build('prebuilt-wasi', { limits: { maxModuleBytes: 20 } }),
    ).rejects.toMatchObject({ code: 'MODULE_TOO_LARGE' });
  });

  it('takes a module only with the digest that func.yaml names', async () => {
    await write('module.wasm', HTTP_COMPONENT);
    const digest = `sha256:${createHash('sha256')
      .update(HTTP_COMPONENT)
      .digest('hex')}`;

    await expect(build('prebuilt-wasi', { digest })).resolves.toMatchObject({
      size: HTTP_COMPONENT.length,
    });
    await expect(
      build('prebuilt-wasi', { digest: `sha256:${'0'.repeat(64)}` }),
    ).rejects.toMatchObject({
      code: 'SOURCE_DIGEST_MISMATCH',
      message: expect.stringContaining(digest),
    });
  });
});
