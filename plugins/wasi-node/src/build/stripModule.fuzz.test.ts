import { isWasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import fc from 'fast-check';
import { fuzzing } from '../__testUtils__/fuzzing';
import * as encode from '../inspect/__testUtils__/encode';
import {
  compiledModule,
  COMPONENT,
  mutate,
  mutations,
} from '../inspect/__testUtils__/mutations';
import { readBinary } from '../inspect/readBinary';
import { stripModule } from './stripModule';

const DEBUG =
  /^custom:(?:name|component-name|sourceMappingURL|external_debug_info|(?:reloc\.)?\.debug_.*)$/;
/** Where lengths are written anew: they may take fewer bytes. */
const WRAPPING = ['core module', 'component'];

/** All that is said of a file but what debuggers read. */
function outline(bytes: Uint8Array) {
  const { sections, customSections, ...rest } = readBinary(bytes);
  return {
    ...rest,
    customSections: customSections.filter(
      name => !DEBUG.test(`custom:${name}`),
    ),
    sections: sections
      .filter(({ name }) => !DEBUG.test(name) && !WRAPPING.includes(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function attempt<Value>(work: () => Value): Value | string {
  try {
    return work();
  } catch (error) {
    if (isWasiError(error)) {
      return error.code;
    }
    throw error;
  }
}

/** Holds stripping to what it promises for any bytes; tells whether there was something to strip. */
function judge(bytes: Uint8Array): string {
  const before = attempt(() => outline(bytes));
  const stripped = attempt(() => stripModule(bytes));
  if (typeof stripped === 'string') {
    // What cannot be stripped cannot be inspected either: no such module is delivered.
    expect(typeof before).toBe('string');
    return 'refused';
  }
  expect(stripped.length).toBeLessThanOrEqual(bytes.length);
  expect(stripModule(stripped)).toBe(stripped);
  if (typeof before === 'string') {
    return 'unreadable';
  }
  expect(outline(stripped)).toEqual(before);
  return stripped.length < bytes.length ? 'stripped' : 'kept';
}

const SECTION_OF = { module: 1, component: 4 };

type Tree =
  | { kind: 'custom'; name: string; body: number[] }
  | { kind: 'section'; id: number; body: number[] }
  | { kind: 'module' | 'component'; parts: Tree[] };

const custom = fc.record({
  kind: fc.constant('custom' as const),
  name: fc.constantFrom(
    'name',
    'component-name',
    '.debug_line',
    'sourceMappingURL',
    'producers',
    'component-type:x',
    'unknown',
  ),
  body: fc.array(fc.nat(255), { maxLength: 200 }),
});
/** Not looked into: no import, export, canon, module or component. */
const opaque = (ids: number[]) =>
  fc.record({
    kind: fc.constant('section' as const),
    id: fc.constantFrom(...ids),
    body: fc.array(fc.nat(255), { maxLength: 150 }),
  });
const coreModule = fc.record({
  kind: fc.constant('module' as const),
  parts: fc.array(fc.oneof(custom, opaque([1, 3, 4, 5, 6, 9, 11])), {
    maxLength: 4,
  }),
});
const { tree } = fc.letrec<{ tree: Tree }>(tie => ({
  tree: fc.record({
    kind: fc.constant('component' as const),
    parts: fc.array(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        custom,
        opaque([2, 3, 5, 6, 7]),
        coreModule,
        tie('tree'),
      ),
      { maxLength: 5 },
    ),
  }),
}));

function write(node: Tree, keepsDebug: boolean): number[] {
  switch (node.kind) {
    case 'custom':
      return keepsDebug || !DEBUG.test(`custom:${node.name}`)
        ? encode.custom(node.name, node.body)
        : [];
    case 'section':
      return encode.section(node.id, node.body);
    default: {
      const parts = node.parts.map(part => {
        const written = write(part, keepsDebug);
        return part.kind === 'module' || part.kind === 'component'
          ? encode.section(SECTION_OF[part.kind], written)
          : written;
      });
      return node.kind === 'module'
        ? encode.coreModule(...parts)
        : encode.component(...parts);
    }
  }
}

describe('stripping', () => {
  it('makes of any component the one that was never given debug sections', () => {
    const outcomes = { stripped: 0, kept: 0 };
    fc.assert(
      fc.property(tree, component => {
        const bytes = Uint8Array.from(write(component, true));
        const stripped = stripModule(bytes);
        outcomes[stripped === bytes ? 'kept' : 'stripped'] += 1;
        expect([...stripped]).toEqual(write(component, false));
      }),
      fuzzing(1_500),
    );
    expect(outcomes.stripped).toBeGreaterThan(outcomes.kept / 10);
    expect(outcomes.kept).toBeGreaterThan(0);
  }, 240_000);

  it('loses nothing of a damaged module that can still be read', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(mutations, each => {
        seen.add(judge(mutate(COMPONENT, each)));
      }),
      fuzzing(4_000),
    );
    expect([...seen]).toEqual(
      expect.arrayContaining(['refused', 'stripped', 'kept']),
    );
  }, 240_000);

  it('leaves a compiled module as valid for the engine as it was, whatever was added to it', async () => {
    const whole = await compiledModule();
    const sections = fc.array(
      fc.record({
        name: fc.constantFrom('name', '.debug_str', 'producers', 'else'),
        body: fc.array(fc.nat(255), { maxLength: 50 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const bare = stripModule(whole);
    expect(WebAssembly.validate(Uint8Array.from(bare))).toBe(true);
    fc.assert(
      fc.property(sections, added => {
        const bytes = Buffer.concat([
          bare,
          ...added.map(({ name, body }) =>
            Uint8Array.from(encode.custom(name, body)),
          ),
        ]);
        const stripped = Uint8Array.from(stripModule(bytes));
        expect(WebAssembly.validate(stripped)).toBe(true);
        expect(Buffer.compare(stripped.subarray(0, bare.length), bare)).toBe(0);
        expect(judge(bytes)).toMatch(/stripped|kept/);
      }),
      fuzzing(100),
    );
  }, 240_000);
});
