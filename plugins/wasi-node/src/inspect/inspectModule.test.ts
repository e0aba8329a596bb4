import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { checkModule } from './checkModule';
import { inspectBytes, inspectModule } from './inspectModule';
import * as encode from './__testUtils__/encode';

const bytes = (...parts: number[][]) => Uint8Array.from(parts.flat());

const HTTP_COMPONENT = encode.component(
  encode.section(7, encode.list([[0x42, 0x00]])),
  encode.instanceImports(
    'wasi:http/types@0.2.3',
    'wasi:http/outgoing-handler@0.2.3',
    'wasi:sockets/tcp@0.2.6',
    'wasi:sockets/ip-name-lookup@0.2.6',
    'wasi:filesystem/preopens@0.2.10',
    'wasi:cli/environment@0.2.3',
    'wasi:cli/stderr@0.2.3',
    'wasi:clocks/wall-clock@0.2.3',
    'wasi:random/random@0.2.3',
  ),
  encode.section(
    1,
    encode.coreModule(
      encode.coreTypes,
      encode.section(10, encode.list([[0x02, 0x00, 0x0b]])),
      encode.producers({ language: [['C', '11']] }),
    ),
  ),
  encode.section(4, encode.component(encode.custom('name', [1, 2, 3]))),
  encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
  encode.producers({ 'processed-by': [['wit-component', '0.258.0']] }),
);

const sum = (sections: { size: number }[]) =>
  sections.reduce((total, { size }) => total + size, 0);

describe('inspectBytes', () => {
  it('tells everything about a component that answers HTTP', () => {
    const inspection = inspectBytes(bytes(HTTP_COMPONENT));

    expect(inspection).toEqual({
      kind: 'component',
      wasi: '0.2',
      wasiVersion: '0.2.10',
      size: HTTP_COMPONENT.length,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      sections: expect.any(Array),
      imports: [
        'wasi:http/types@0.2.3',
        'wasi:http/outgoing-handler@0.2.3',
        'wasi:sockets/tcp@0.2.6',
        'wasi:sockets/ip-name-lookup@0.2.6',
        'wasi:filesystem/preopens@0.2.10',
        'wasi:cli/environment@0.2.3',
        'wasi:cli/stderr@0.2.3',
        'wasi:clocks/wall-clock@0.2.3',
        'wasi:random/random@0.2.3',
      ],
      exports: ['wasi:http/incoming-handler@0.2.3'],
      world: `package root:component;

world root {
  import wasi:http/types@0.2.3;
  import wasi:http/outgoing-handler@0.2.3;
  import wasi:sockets/tcp@0.2.6;
  import wasi:sockets/ip-name-lookup@0.2.6;
  import wasi:filesystem/preopens@0.2.10;
  import wasi:cli/environment@0.2.3;
  import wasi:cli/stderr@0.2.3;
  import wasi:clocks/wall-clock@0.2.3;
  import wasi:random/random@0.2.3;

  export wasi:http/incoming-handler@0.2.3;
}
`,
      producers: [
        { field: 'language', name: 'C', version: '11' },
        { field: 'processed-by', name: 'wit-component', version: '0.258.0' },
      ],
      language: 'C',
      toolchain: 'C 11',
      capabilities: [
        {
          kind: 'http-outgoing',
          imports: ['wasi:http/outgoing-handler@0.2.3'],
        },
        { kind: 'sockets', imports: ['wasi:sockets/tcp@0.2.6'] },
        { kind: 'dns', imports: ['wasi:sockets/ip-name-lookup@0.2.6'] },
        { kind: 'filesystem', imports: ['wasi:filesystem/preopens@0.2.10'] },
        { kind: 'environment', imports: ['wasi:cli/environment@0.2.3'] },
        { kind: 'clocks', imports: ['wasi:clocks/wall-clock@0.2.3'] },
        { kind: 'random', imports: ['wasi:random/random@0.2.3'] },
        { kind: 'stdio', imports: ['wasi:cli/stderr@0.2.3'] },
      ],
      entry: 'http',
    });
    expect(sum(inspection.sections)).toBe(inspection.size - 8);
  });

  it('counts the sections of modules and components inside under their own names', () => {
    const inner = encode.coreModule(
      encode.coreTypes,
      encode.custom('name', new Array(200).fill(0)),
    );

    const { sections } = inspectBytes(
      bytes(
        encode.component(
          encode.section(1, inner),
          encode.section(4, encode.component(encode.section(1, inner))),
        ),
      ),
    );

    expect(sections).toEqual([
      { name: 'custom:name', size: 2 * 208 },
      { name: 'core module', size: 2 * (1 + 2 + 8) },
      { name: 'type', size: 2 * 6 },
      { name: 'component', size: 1 + 2 + 8 },
    ]);
  });

  it('tells a preview 1 command, and what it asks for', () => {
    const file = bytes(
      encode.coreModule(
        encode.coreTypes,
        encode.coreImports(
          ['wasi_snapshot_preview1', 'fd_write'],
          ['wasi_snapshot_preview1', 'path_open'],
          ['wasi_snapshot_preview1', 'environ_get'],
          ['wasi_snapshot_preview1', 'sock_accept'],
        ),
        encode.coreExports('memory', '_start'),
      ),
    );

    expect(inspectBytes(file)).toMatchObject({
      kind: 'module',
      wasi: '0.1',
      imports: [
        'wasi_snapshot_preview1.fd_write',
        'wasi_snapshot_preview1.path_open',
        'wasi_snapshot_preview1.environ_get',
        'wasi_snapshot_preview1.sock_accept',
      ],
      exports: ['memory', '_start'],
      capabilities: [
        { kind: 'sockets', imports: ['wasi_snapshot_preview1.sock_accept'] },
        { kind: 'filesystem', imports: ['wasi_snapshot_preview1.path_open'] },
        {
          kind: 'environment',
          imports: ['wasi_snapshot_preview1.environ_get'],
        },
        { kind: 'stdio', imports: ['wasi_snapshot_preview1.fd_write'] },
      ],
      entry: 'command',
    });
    expect(inspectBytes(file)).not.toHaveProperty('world');
  });

  it('reads every kind of core import', () => {
    const file = bytes(
      encode.coreModule(
        encode.section(
          2,
          encode.list([
            [...encode.name('e'), ...encode.name('f'), 0x00, 0x00],
            [...encode.name('e'), ...encode.name('t'), 0x01, 0x70, 0x01, 1, 2],
            [...encode.name('e'), ...encode.name('m'), 0x02, 0x00, 0x80, 0x01],
            [...encode.name('e'), ...encode.name('g'), 0x03, 0x7f, 0x01],
            [...encode.name('e'), ...encode.name('x'), 0x04, 0x00, 0x00],
          ]),
        ),
      ),
    );

    expect(inspectBytes(file).imports).toEqual([
      'e.f',
      'e.t',
      'e.m',
      'e.g',
      'e.x',
    ]);
  });

  it('writes what stands alone in a world as a comment', () => {
    const file = bytes(
      encode.component(
        encode.section(
          10,
          encode.list([
            [0x00, ...encode.name('log'), 0x01, 0x00],
            [0x00, ...encode.name('thing'), 0x03, 0x01],
          ]),
        ),
        encode.section(
          11,
          encode.list([[0x00, ...encode.name('run'), 0x01, 0x00, 0x00]]),
        ),
      ),
    );

    expect(inspectBytes(file).world).toBe(`package root:component;

world root {
  // import log: func
  // import thing: type

  // export run: func
}
`);
  });

  it.each([
    ['an empty file', [], 'MODULE_TRUNCATED'],
    ['half a preamble', [0x00, 0x61, 0x73], 'MODULE_TRUNCATED'],
    ['text', [...Buffer.from('(module)')], 'MODULE_NOT_WASM'],
    [
      'an unknown version',
      [0x00, 0x61, 0x73, 0x6d, 0x02, 0, 0, 0],
      'MODULE_NOT_WASM',
    ],
    [
      'a section longer than the file',
      [...encode.coreModule(), 0x01, ...encode.u32(0xffffffff)],
      'MODULE_TRUNCATED',
    ],
    [
      'a name longer than its section',
      encode.coreModule(encode.section(2, [0x01, 0x7f])),
      'MODULE_NOT_WASM',
    ],
    [
      'a count of imports that no file holds',
      encode.coreModule(encode.section(2, encode.u32(0xffffffff))),
      'MODULE_NOT_WASM',
    ],
    [
      'a number without an end',
      encode.coreModule(encode.section(2, new Array(20).fill(0xff))),
      'MODULE_NOT_WASM',
    ],
    [
      'components without an end in one another',
      Array.from({ length: 40 }).reduce<number[]>(
        inner => encode.component(encode.section(4, inner)),
        encode.component(),
      ),
      'MODULE_NOT_WASM',
    ],
  ])('refuses %s', (_, file, code) => {
    expect(() => inspectBytes(Uint8Array.from(file))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('tells where a file ends that was cut anywhere', () => {
    const whole = bytes(HTTP_COMPONENT);
    const ends = new Set<number>();
    for (let offset = 8; offset < whole.length; ) {
      ends.add(offset);
      // Sizes in this fixture fit two bytes at most.
      const long = whole[offset + 1] >= 0x80;
      const size = long
        ? (whole[offset + 1] & 0x7f) + whole[offset + 2] * 128
        : whole[offset + 1];
      offset += (long ? 3 : 2) + size;
    }
    const wrong: string[] = [];
    for (let length = 0; length < whole.length; length++) {
      let outcome: string;
      try {
        inspectBytes(whole.subarray(0, length));
        outcome = 'accepted';
      } catch (error) {
        outcome = isWasiError(error) ? error.code : String(error);
      }
      // Between two sections, a file that was cut is a shorter file.
      const expected = ends.has(length) ? 'accepted' : 'MODULE_TRUNCATED';
      if (outcome !== expected) {
        wrong.push(`${length}: ${outcome}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('inspectModule and checkModule', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'inspect-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function file(content: number[]): Promise<string> {
    const path = join(directory, 'module.wasm');
    await writeFile(path, Uint8Array.from(content));
    return path;
  }

  it('reads from disk what it reads from memory', async () => {
    const path = await file(HTTP_COMPONENT);

    expect(await inspectModule(path)).toEqual(
      inspectBytes(bytes(HTTP_COMPONENT)),
    );
  });

  it('refuses a file that is too large, without reading it', async () => {
    await expect(
      inspectModule(await file(HTTP_COMPONENT), { maxBytes: 100 }),
    ).rejects.toMatchObject({
      code: 'MODULE_TOO_LARGE',
      message: `The module module.wasm has ${HTTP_COMPONENT.length} bytes; at most 100 are accepted.`,
    });
  });

  it('tells a missing file and a folder apart from a module', async () => {
    await expect(
      inspectModule(join(directory, 'none.wasm')),
    ).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    await expect(inspectModule(directory)).rejects.toMatchObject({
      code: 'MODULE_NOT_WASM',
    });
  });

  it('finds nothing wrong with a component that the runner serves', async () => {
    expect((await checkModule(await file(HTTP_COMPONENT))).findings).toEqual(
      [],
    );
  });

  const handler = encode.instanceExports('wasi:http/incoming-handler@0.2.3');

  it.each([
    ['a core module', encode.coreModule(), ['MODULE_IS_CORE']],
    [
      'a command',
      encode.component(encode.instanceExports('wasi:cli/run@0.2.3')),
      ['MODULE_NOT_HTTP'],
    ],
    [
      'a component for WASI 0.3',
      encode.component(
        encode.instanceImports('wasi:http/types@0.3.0'),
        encode.instanceExports('wasi:http/handler@0.3.0'),
      ),
      ['MODULE_WASI_TOO_NEW', 'MODULE_NOT_HTTP'],
    ],
    [
      'a component that imports what is not WASI',
      encode.component(
        encode.instanceImports('wasi:keyvalue/store@0.2.0', 'acme:db/sql'),
        handler,
      ),
      ['MODULE_IMPORT_UNSUPPORTED'],
    ],
    [
      'a component with asynchronous lowering',
      encode.component(
        // canon lower, function 0, options: async
        encode.section(8, encode.list([[0x01, 0x00, 0x00, 0x01, 0x06]])),
        handler,
      ),
      ['MODULE_WASI_TOO_NEW'],
    ],
  ])(
    'tells what keeps the runner from serving %s',
    async (_, content, codes) => {
      const { findings } = await checkModule(await file(content));

      expect(findings.map(({ code }) => code)).toEqual(codes);
    },
  );
});
