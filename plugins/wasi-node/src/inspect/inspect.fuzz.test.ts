/* eslint jest/no-standalone-expect: ["error", { "additionalTestBlockFunctions": ["itWithJco", "itWithFifo"] }] */
import { execFileSync } from 'node:child_process';
import {
  mkdtemp,
  open,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  isWasiError,
  type ModuleInspection,
} from '@wasi-functions/backstage-plugin-wasi-common';
import fc from 'fast-check';
import { fuzzing } from '../__testUtils__/fuzzing';
import { itWithJco, JCO_PACKAGES, SKELETONS } from '../__testUtils__/jco';
import { checkModule } from './checkModule';
import { inspectBytes, inspectModule } from './inspectModule';
import * as encode from './__testUtils__/encode';
import {
  compiledModule,
  COMPONENT,
  mutate,
  mutations,
} from './__testUtils__/mutations';

function outcome(bytes: Uint8Array): ModuleInspection | string {
  try {
    return inspectBytes(bytes);
  } catch (error) {
    if (isWasiError(error) && error.message !== '' && error.remedy !== '') {
      return error.code;
    }
    throw error;
  }
}

const REFUSALS = ['MODULE_NOT_WASM', 'MODULE_TRUNCATED'];

/** What a file may do to us: an inspection of bounded size, or a refusal. */
function judge(bytes: Uint8Array): string {
  const found = outcome(bytes);
  if (typeof found === 'string') {
    if (!REFUSALS.includes(found)) {
      throw new Error(`refused by ${found}`);
    }
    return found;
  }
  const total = found.sections.reduce((sum, { size }) => sum + size, 0);
  if (total !== bytes.length - 8 || found.size !== bytes.length) {
    throw new Error(`sections add up to ${total} of ${bytes.length} bytes`);
  }
  const listed = found.imports.concat(found.exports).join('').length;
  if (listed > bytes.length) {
    throw new Error(`names of ${listed} characters in ${bytes.length} bytes`);
  }
  return 'inspected';
}

describe('a damaged module', () => {
  it.each([['a component', COMPONENT]])(
    'is inspected or refused, whatever was done to %s',
    (_, whole) => {
      const seen = new Set<string>();
      fc.assert(
        fc.property(mutations, each => {
          seen.add(judge(mutate(whole, each)));
        }),
        fuzzing(15_000),
      );
      expect([...seen].sort()).toEqual([...REFUSALS, 'inspected'].sort());
    },
    240_000,
  );

  it('is inspected or refused, whatever was done to a compiled module', async () => {
    const whole = await compiledModule();
    expect(outcome(whole)).toMatchObject({ kind: 'module', wasi: 'none' });
    // Its code, which is not looked into, would take most hits: the rest is what counts.
    const start = whole.subarray(0, 2_000);
    fc.assert(
      fc.property(mutations, each => {
        judge(
          Buffer.concat([mutate(start, each), whole.subarray(2_000, 4_000)]),
        );
      }),
      fuzzing(3_000),
    );
  }, 240_000);

  it('is refused where a compiled module was cut, or is a shorter one', async () => {
    const whole = await compiledModule();
    const inspected: number[] = [];
    for (let length = 0; length < whole.length; length += 1) {
      // Between the first and the last kilobytes there is nothing but code.
      if (length === 3_000) {
        length = whole.length - 3_000;
      }
      if (judge(whole.subarray(0, length)) === 'inspected') {
        inspected.push(length);
      }
    }
    const sections = (outcome(whole) as ModuleInspection).sections.length;
    expect(inspected.length).toBeLessThanOrEqual(sections);
    expect(inspected[0]).toBe(8);
  }, 240_000);

  itWithJco(
    'is inspected or refused, whatever was done to a component that jco made',
    async () => {
      const directory = await realpath(
        await mkdtemp(join(tmpdir(), 'inspect-fuzz-')),
      );
      try {
        const path = join(directory, 'module.wasm');
        const skeleton = join(SKELETONS, 'wat-wasi');
        execFileSync(process.execPath, [
          '--input-type=module',
          '-e',
          `import { readFile, writeFile } from 'node:fs/promises';
           const [tools, skeleton, path] = process.argv.slice(-3);
           const { parse, componentEmbed, componentNew } = await import(tools);
           const binary = await parse(await readFile(skeleton + '/module.wat', 'utf8'));
           await writeFile(path, await componentNew(await componentEmbed(
             { binary, witPath: skeleton + '/wit', world: 'function' })));`,
          '--',
          join(JCO_PACKAGES, 'jco-transpile/dist/wasm-tools.js'),
          skeleton,
          path,
        ]);
        const whole = await readFile(path);
        expect(outcome(whole)).toMatchObject({ kind: 'component' });
        fc.assert(
          fc.property(mutations, each => {
            judge(mutate(whole, each));
          }),
          fuzzing(2_000),
        );
        for (let length = 0; length < whole.length; length += 1) {
          judge(whole.subarray(0, length));
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    240_000,
  );
});

/** `count` copies of the same bytes behind their count, in a section. */
function crowd(id: number, count: number, item: number[]): Uint8Array {
  const items = Buffer.alloc(count * item.length);
  for (let index = 0; index < count; index++) {
    items.set(item, index * item.length);
  }
  const head = encode.u32(count);
  return Buffer.concat([
    Uint8Array.from([id, ...encode.u32(head.length + items.length), ...head]),
    items,
  ]);
}
const CORE = Uint8Array.from(encode.coreModule());
const OUTER = Uint8Array.from(encode.component());
const instance = (text: string) => [0x00, ...encode.name(text), 0x05, 0x00];

describe('a module that is made to hurt', () => {
  it.each([
    [
      'millions of imports',
      Buffer.concat([
        CORE,
        ...Array<Uint8Array>(30).fill(crowd(2, 100_000, [1, 97, 0, 0, 0])),
      ]),
      'its names are too many to be listed',
    ],
    [
      'millions of exports without a name',
      Buffer.concat([
        CORE,
        ...Array<Uint8Array>(30).fill(crowd(7, 100_000, [0, 0, 0])),
      ]),
      'its names are too many to be listed',
    ],
    [
      'an import section for each import',
      Buffer.concat([CORE, repeat([2, 7, 1, 1, 97, 1, 98, 0, 0], 300_000)]),
      'its names are too many to be listed',
    ],
    [
      'more imports than a section may have',
      Buffer.concat([OUTER, crowd(10, 100_001, instance('a'))]),
      'it names more than 100000 imports or exports',
    ],
    [
      'a name of a megabyte',
      Buffer.concat([OUTER, crowd(10, 1, instance(':'.repeat(1_000_000)))]),
      'a name is longer than 100000 bytes',
    ],
    [
      'custom sections without end',
      Buffer.concat([CORE, repeat([0, 2, 1, 97], 900_000)]),
      'its names are too many to be listed',
    ],
    [
      'more sections than can be meant',
      Buffer.concat([CORE, repeat([1, 0], 1_000_001)]),
      'it has more than 1000000 sections',
    ],
    ['components in components', nested(40), 'more than 32 deep'],
    [
      'a number of six bytes for a length',
      Uint8Array.from([...CORE, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
      'a number is too large',
    ],
    [
      'a number of 33 bits for a length',
      Uint8Array.from([...CORE, 1, 0xff, 0xff, 0xff, 0xff, 0x1f]),
      'a number is too large',
    ],
    ['a gzip bomb', gzipSync(Buffer.alloc(10_000_000)), 'is not WebAssembly'],
    ['nothing', new Uint8Array(), 'ends after 0 bytes'],
    [
      'a section of four gigabytes',
      Uint8Array.from([...CORE, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
      'promises 4294967294 more',
    ],
  ])('is refused: %s', (_, bytes, why) => {
    expect(() => inspectBytes(bytes)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^MODULE_(?:NOT_WASM|TRUNCATED)$/),
        message: expect.stringContaining(why),
        remedy: expect.stringMatching(/./),
      }),
    );
  });

  // These took minutes before: what is asserted is that they end, with all names there.
  it.each([
    [
      'hundred thousand imports of one capability',
      'wasi:random/a@0.2.1',
      100_000,
    ],
    ['a name that is all colons', `${':'.repeat(99_000)} `, 1],
    [
      'a version of ten thousand digits',
      `wasi:http/a@0.2.${'9'.repeat(10_000)}`,
      1,
    ],
  ])('is told in full: %s', (_, name, count) => {
    const { imports, world, wasiVersion } = inspectBytes(
      Buffer.concat([OUTER, crowd(10, count, instance(name))]),
    );
    expect(imports).toHaveLength(count);
    expect(new Set(imports)).toEqual(new Set([name]));
    expect(world?.split('\n')).toHaveLength(count + 5);
    expect(['0.2.1', undefined]).toContain(wasiVersion);
  });

  function repeat(item: number[], count: number): Uint8Array {
    return Buffer.from(Array<number[]>(count).fill(item).flat());
  }

  function nested(depth: number): Uint8Array {
    let bytes = encode.component();
    for (let level = 0; level < depth; level++) {
      bytes = encode.component(encode.section(4, bytes));
    }
    return Uint8Array.from(bytes);
  }
});

describe('a module file', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'inspect-file-'));
    path = join(directory, 'module.wasm');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** One custom section that takes the whole file, of which the disk holds next to nothing. */
  async function sparse(size: number): Promise<void> {
    const length = size - 8 - 1 - 5;
    const padded = [0, 7, 14, 21].map(bits => ((length >> bits) & 0x7f) | 0x80);
    const file = await open(path, 'w');
    await file.write(Uint8Array.from([...CORE, 0, ...padded, length >> 28, 0]));
    await file.truncate(size);
    await file.close();
  }

  it('of 200 MB is refused by its size, before any of it is in memory', async () => {
    await sparse(200_000_000);
    const before = process.memoryUsage().arrayBuffers;

    await expect(inspectModule(path)).rejects.toMatchObject({
      code: 'MODULE_TOO_LARGE',
      message:
        'The module module.wasm has 200000000 bytes; at most 104857600 are accepted.',
      remedy: 'Strip debug information, or raise `wasi.build.maxModuleBytes`.',
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(
      10_000_000,
    );
  });

  it('of 99 MB is in memory once', async () => {
    await sparse(99_000_000);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 20);
    try {
      const { size, sections, gzipSize } = await inspectModule(path, {
        measureGzip: true,
      });
      expect({ size, sections }).toEqual({
        size: 99_000_000,
        sections: [{ name: 'custom:', size: 98_999_992 }],
      });
      expect(gzipSize).toBeLessThan(1_000_000);
      expect(most).toBeLessThan(130_000_000);
    } finally {
      clearInterval(watch);
    }
  }, 240_000);

  const itWithFifo = process.platform === 'win32' ? it.skip : it;
  itWithFifo('that is a pipe is refused, and not waited for', async () => {
    execFileSync('mkfifo', [path]);
    await expect(inspectModule(path)).rejects.toMatchObject({
      code: 'MODULE_NOT_WASM',
      message: 'The module module.wasm is not a file.',
    });
  });

  it('that imports what the runner lacks is told by interface, in one line, and what provides it', async () => {
    await writeFile(
      path,
      Uint8Array.from(
        encode.component(
          encode.instanceImports(
            'wasi:keyvalue/store@0.2.0-draft',
            'acme:db/sql@1.0.0',
            'evil\nERROR \u001b[31m:all/is-lost',
            ...Array.from({ length: 10 }, (_, index) => `acme:x/i${index}`),
          ),
          encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
        ),
      ),
    );
    const { findings } = await checkModule(path);
    expect(findings).toEqual([
      {
        code: 'MODULE_IMPORT_UNSUPPORTED',
        severity: 'error',
        message:
          'The component imports wasi:keyvalue/store@0.2.0-draft, acme:db/sql@1.0.0, evil?ERROR ?[31m:all/is-lost, acme:x/i0, acme:x/i1 and 8 more, which the runner lacks.',
        remedy:
          'Import only WASI 0.2 (cli, clocks, filesystem, http, io, random, sockets); compose the component with one that exports the others, for example by `wac plug`.',
      },
    ]);
  });
});
