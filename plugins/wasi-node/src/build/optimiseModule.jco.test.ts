import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeWithJco, JCO_PACKAGES } from '../__testUtils__/jco';
import { inspectModule } from '../inspect';
import { useWorkspace } from './__testUtils__/useWorkspace';

jest.setTimeout(180_000);

/** A handler with code that nobody calls, and as many names. */
const WASTEFUL = `(module
  (import "wasi:http/types@0.2.3" "[resource-drop]incoming-request" (func $drop (param i32)))
  (memory (export "memory") 1)
  (global $top (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get 3))))
  ${Array.from(
    { length: 400 },
    (_, index) => `(func $nobody_calls_this_${index} (result i32)
      (i32.add (i32.mul (i32.const ${index}) (i32.const 7)) (i32.const 35)))`,
  ).join('\n')}
  (func (export "wasi:http/incoming-handler@0.2.3#handle") (param i32 i32)
    (call $drop (local.get 0))))`;

/** What jco's own wasm-tools make of the file, which they refuse where it is not valid. */
function witOf(path: string): string {
  const tools = pathToFileURL(
    join(JCO_PACKAGES, 'jco-transpile/dist/wasm-tools.js'),
  ).href;
  return execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { readFile } from 'node:fs/promises';
       const { componentWit } = await import(${JSON.stringify(tools)});
       process.stdout.write(await componentWit(await readFile(process.argv.at(-1))));`,
      '--',
      path,
    ],
    { encoding: 'utf8' },
  );
}

describeWithJco('build.optimize', () => {
  const workspace = useWorkspace();
  beforeEach(() => workspace.write('module.wat', WASTEFUL));

  async function buildWith(optimize?: 'none' | 'strip' | 'size') {
    const built = await workspace.build('wat-wasi', { optimize });
    return {
      ...built,
      wit: witOf(built.path),
      text: await readFile(built.path, 'latin1'),
      inspection: await inspectModule(built.path),
    };
  }

  it('strips unless it is told otherwise, and the component stays what it was', async () => {
    const none = await buildWith('none');
    const stripped = await buildWith();

    expect(none).not.toHaveProperty('sizeBefore');
    expect(none.text).toContain('nobody_calls_this_399');
    expect(stripped.sizeBefore).toBe(none.size);
    expect(stripped.size).toBeLessThan(none.size / 2);
    expect(stripped.text).not.toContain('nobody_calls_this');
    expect(stripped.wit).toBe(none.wit);
    expect(stripped.inspection.producers).toEqual(none.inspection.producers);
    expect(workspace.log.join('\n')).toMatch(
      /^optimise: \d+\.\d s, [\d.]+ KiB → [\d.]+ KiB$/m,
    );
  });

  it('has wasm-opt take out what nobody calls, where size is asked for', async () => {
    const stripped = await buildWith('strip');
    const small = await buildWith('size');

    expect(small.size).toBeLessThan(stripped.size / 2);
    expect(small.wit).toBe(stripped.wit);
    expect(small.inspection).toMatchObject({
      kind: 'component',
      entry: 'http',
      imports: stripped.inspection.imports,
      exports: stripped.inspection.exports,
    });
  });
});
