import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithJco, SKELETONS } from '../__testUtils__/jco';
import { inspectModule } from '../inspect';
import { useWorkspace } from './__testUtils__/useWorkspace';

const workspace = useWorkspace();
const { build, write } = workspace;

describeWithJco('createModuleBuilder with jco', () => {
  jest.setTimeout(180_000);

  // Runs while it is compiled, and does something that a bundler has to keep.
  const ENDLESS = 'let n = 0; while (n < 1e15) n += 1; console.log(n);';

  it('builds the JavaScript skeleton into a component that answers HTTP', async () => {
    await cp(join(SKELETONS, 'js-wasi'), workspace.directory, {
      recursive: true,
    });
    const before = await readdir(workspace.directory);

    const built = await build('js-wasi');

    expect(built).toEqual({
      path: join(workspace.directory, 'module.wasm'),
      size: expect.any(Number),
      sizeBefore: expect.any(Number),
      durationMs: expect.any(Number),
      phases: [
        'stage sources',
        'check tools',
        'compile',
        'optimise',
        'check',
      ].map(name => ({ name, durationMs: expect.any(Number) })),
      tools: { jco: '1.34.0' },
      unchanged: false,
      findings: [],
    });
    expect(built.sizeBefore).toBeGreaterThan(built.size);
    expect(await inspectModule(built.path)).toMatchObject({
      kind: 'component',
      entry: 'http',
      wasi: '0.2',
      size: built.size,
      exports: ['wasi:http/incoming-handler@0.2.3'],
    });
    expect(workspace.log.join('\n')).toMatch(
      new RegExp(
        [
          '^stage sources: \\d\\.\\d s, \\d+ files, .*B',
          'check tools: \\d\\.\\d s',
          'Compile JavaScript to a component: handler.js',
          '(?:.*\\n)*compile: .* s',
          'optimise: .* s, 11\\.\\d MiB.*',
          'check: .* s$',
        ].join('\n'),
      ),
    );
    expect(workspace.log.join('\n')).not.toContain(tmpdir());
    expect((await readdir(workspace.directory)).sort()).toEqual(
      [...before, 'module.wasm'].sort(),
    );
  });

  it('builds TypeScript, and without definitions of its own', async () => {
    await write(
      'src/index.ts',
      `import { text } from './text';
       addEventListener('fetch', (event: any) =>
         event.respondWith(new Response(text as string)));`,
    );
    await write('src/text.ts', `export const text: string = 'hello';`);

    const built = await build('js-wasi');

    expect(await inspectModule(built.path)).toMatchObject({ entry: 'http' });
  });

  it('builds the WebAssembly text skeleton into a component that answers HTTP', async () => {
    await cp(join(SKELETONS, 'wat-wasi'), workspace.directory, {
      recursive: true,
    });

    const built = await build('wat-wasi');

    expect(await inspectModule(built.path)).toMatchObject({
      kind: 'component',
      entry: 'http',
      wasiVersion: '0.2.3',
      capabilities: [{ kind: 'http-outgoing' }, { kind: 'environment' }],
      exports: ['wasi:http/incoming-handler@0.2.3'],
    });
    expect(built.size).toBeLessThan(20_000);
  });

  it('makes a component of a core module that exports the handler, beside it', async () => {
    await cp(
      join(SKELETONS, 'wat-wasi/module.wat'),
      join(workspace.directory, 'a.wat'),
    );
    await build('wat-wasi');

    expect(
      await inspectModule(join(workspace.directory, 'module.wasm')),
    ).toMatchObject({
      entry: 'http',
      imports: expect.arrayContaining(['wasi:http/types@0.2.3']),
    });
  });

  it.each([
    [
      'js-wasi',
      'handler.js',
      'const a = 1;\nfunction (',
      'handler.js',
      2,
      10,
      /handler\.js:2:10 Identifier expected/,
    ],
    [
      'wat-wasi',
      'module.wat',
      '(module\n  (func $a (resut i32)))',
      'module.wat',
      2,
      13,
      /module\.wat:2:13 unknown operator or unexpected token/,
    ],
  ])(
    'shows where the source of a %s function has a mistake',
    async (runtime, file, text, path, line, column, message) => {
      await write(file, text);

      await expect(build(runtime)).rejects.toMatchObject({
        code: 'BUILD_FAILED',
        name: 'InputError',
        message: expect.stringMatching(message),
        findings: expect.arrayContaining([
          expect.objectContaining({ path, line, column }),
        ]),
      });
      expect(await readdir(workspace.directory)).toEqual([file]);
      expect(workspace.log.at(-1)).toMatch(new RegExp(`^${path}:\\d+:\\d+ `));
    },
  );

  it.each([
    ["import '/etc/hostname';", 'SOURCE_PATH_ESCAPES'],
    ["import '../outside.js';", 'SOURCE_PATH_ESCAPES'],
    ["export * from './link.json';", 'SOURCE_PATH_ESCAPES'],
    ["import('./none.js');", 'SOURCE_MISSING'],
  ])('refuses a source with %s', async (text, code) => {
    await write('handler.js', text);
    await symlink('/etc/hostname', join(workspace.directory, 'link.json'));

    await expect(build('js-wasi')).rejects.toMatchObject({
      code,
      findings: [expect.objectContaining({ path: 'handler.js', line: 1 })],
    });
  });

  it('refuses definitions that are a link out of the folder', async () => {
    await write('handler.js', '1;');
    await mkdir(join(workspace.directory, 'wit'));
    await symlink('/etc', join(workspace.directory, 'wit', 'deps'));

    await expect(build('js-wasi')).rejects.toMatchObject({
      code: 'SOURCE_PATH_ESCAPES',
    });
  });

  it('shows what a source throws while it is compiled', async () => {
    await write('handler.js', `throw new Error('no luck today');`);

    await expect(build('js-wasi')).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringContaining('no luck today'),
    });
  });

  it('tells that a command cannot be served', async () => {
    await write(
      'module.wat',
      '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (func (export "_start")))',
    );

    await expect(build('wat-wasi')).rejects.toMatchObject({
      code: 'MODULE_IS_CORE',
      message: expect.stringContaining('it is a command'),
    });
  });

  it('stops when its time is up, and leaves nothing', async () => {
    await write('handler.js', ENDLESS);

    await expect(
      build('js-wasi', { limits: { timeoutMs: 3_000 } }),
    ).rejects.toMatchObject({ code: 'BUILD_TIMEOUT' });
    expect(await readdir(workspace.directory)).toEqual(['handler.js']);
  });

  it('stops when cancelled, and leaves nothing', async () => {
    await write('handler.js', ENDLESS);
    const controller = new AbortController();

    await expect(
      build('js-wasi', {
        signal: controller.signal,
        log: line => line.includes('Falling back') && controller.abort(),
      }),
    ).rejects.toMatchObject({ code: 'BUILD_ABORTED' });
    expect(await readdir(workspace.directory)).toEqual(['handler.js']);
  });
});
