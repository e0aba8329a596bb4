import * as encode from '../inspect/__testUtils__/encode';
import { inspectBytes } from '../inspect';
import { readBinary } from '../inspect/readBinary';
import { stripModule } from './stripModule';

const bytes = (parts: number[]) => Uint8Array.from(parts);
const strip = (parts: number[]) => [...stripModule(bytes(parts))];

const CODE = [
  encode.coreTypes,
  encode.section(3, encode.list([[0x00]])),
  encode.coreExports('memory'),
  encode.section(10, encode.list([[0x02, 0x00, 0x0b]])),
];

describe('stripModule', () => {
  it.each([
    'name',
    '.debug_info',
    '.debug_line',
    'reloc..debug_info',
    'sourceMappingURL',
    'external_debug_info',
  ])('leaves out %s, which debuggers alone read', section => {
    expect(
      strip(
        encode.coreModule(...CODE, encode.custom(section, [1, 2, 3]), [
          ...encode.producers({ language: [['Go', '1.26']] }),
        ]),
      ),
    ).toEqual(
      encode.coreModule(
        ...CODE,
        encode.producers({ language: [['Go', '1.26']] }),
      ),
    );
  });

  it.each([
    'producers',
    'target_features',
    'component-type:function',
    'metadata.code.branch_hint',
    'dylink.0',
    'names',
    'debug_info',
    'of-somebody-else',
  ])('keeps %s', section => {
    const module = bytes(
      encode.coreModule(...CODE, encode.custom(section, [1])),
    );

    expect(stripModule(module)).toBe(module);
  });

  it('looks into the modules and components inside, and tells their new lengths', () => {
    const inside = (...more: number[][]) =>
      encode.component(
        encode.section(
          1,
          encode.coreModule(...CODE, ...more, encode.custom('kept', [7])),
        ),
        encode.section(
          4,
          encode.component(
            encode.section(1, encode.coreModule(...more)),
            ...more,
          ),
        ),
        encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
        ...more,
      );
    // Longer than 127 bytes, so that lengths of two bytes become ones of one.
    const debug = new Array(300).fill(9);

    expect(
      strip(
        inside(
          encode.custom('name', debug),
          encode.custom('component-name', debug),
        ),
      ),
    ).toEqual(inside());
  });

  it('keeps lengths as they are written where nothing inside changes', () => {
    const padded = [10, 0x84, 0x80, 0x00, ...encode.list([[0x02, 0x00, 0x0b]])];
    const module = encode.coreModule(...CODE.slice(0, 3), padded);
    const outer = encode.component(
      encode.section(1, module),
      encode.custom('component-name', [1]),
    );

    expect(strip(outer)).toEqual(encode.component(encode.section(1, module)));
  });

  it.each([
    ['no WebAssembly', [1, 2, 3, 4, 5, 6, 7, 8, 9], 'MODULE_NOT_WASM'],
    [
      'a module that ends too early',
      encode.coreModule([10, 0x05, 0x01]),
      'MODULE_TRUNCATED',
    ],
    [
      'a module inside that is longer than its section',
      encode.component(
        encode.section(1, encode.coreModule([0, 0x20, 0x04, 0x6e])),
      ),
      'MODULE_NOT_WASM',
    ],
  ])('refuses %s', (_, parts, code) => {
    expect(() => stripModule(bytes(parts))).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('refuses components in one another without end, and does not overflow', () => {
    let nested = encode.component();
    for (let depth = 0; depth < 40; depth += 1) {
      nested = encode.component(encode.section(4, nested));
    }

    expect(() => stripModule(bytes(nested))).toThrow('more than 32 deep');
  });

  it('changes nothing that an inspection tells but the size', () => {
    const module = bytes(
      encode.component(
        encode.instanceImports('wasi:http/types@0.2.3'),
        encode.section(
          1,
          encode.coreModule(
            ...CODE,
            encode.custom('name', [1, 2, 3]),
            encode.producers({ language: [['C', '11']] }),
          ),
        ),
        encode.instanceExports('wasi:http/incoming-handler@0.2.3'),
      ),
    );
    const outline = (of: Uint8Array) => {
      const { size, digest, sections, ...rest } = inspectBytes(of);
      return {
        ...rest,
        sections: sections.filter(({ name }) => name !== 'custom:name'),
      };
    };

    expect(outline(stripModule(module))).toEqual(outline(module));
    expect(readBinary(stripModule(module)).kind).toBe('component');
  });
});
