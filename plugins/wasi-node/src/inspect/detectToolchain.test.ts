import { inspectBytes } from './inspectModule';
import * as encode from './__testUtils__/encode';

type Producers = Parameters<typeof encode.producers>[0];

const ADAPTER: Producers = {
  language: [['Rust', '']],
  'processed-by': [['rustc', '1.98.0 (88d9e12ae 2026-08-18)']],
};

/** A component as its toolchain leaves it: what was compiled, the adapter, what wraps them. */
function madeBy(options: { main: Producers; around?: Producers }) {
  const code = (bytes: number) =>
    encode.section(10, new Array(bytes).fill(0x00));
  return inspectBytes(
    Uint8Array.from(
      encode.component(
        encode.section(
          1,
          encode.coreModule(code(20), encode.producers(ADAPTER)),
        ),
        encode.section(
          1,
          encode.coreModule(code(200), encode.producers(options.main)),
        ),
        encode.producers({
          'processed-by': [['wit-component', '0.258.0']],
          ...options.around,
        }),
      ),
    ),
  );
}

describe('the language and toolchain of a module', () => {
  it.each<[string, string, Parameters<typeof madeBy>[0]]>([
    [
      'Go',
      'Go 1.26.8',
      {
        main: {
          language: [['Go', 'go1.26.8']],
          'processed-by': [['Go cmd/compile', 'go1.26.8']],
        },
      },
    ],
    [
      'Go',
      'TinyGo 0.39.0',
      { main: { language: [['C', '11']], sdk: [['TinyGo', '0.39.0']] } },
    ],
    [
      'JavaScript',
      'ComponentizeJS 0.19.3',
      {
        main: {
          language: [
            ['Rust', ''],
            ['C_plus_plus_14', ''],
          ],
          'processed-by': [['clang', '19.1.5-wasi-sdk (https://github.com)']],
        },
        around: {
          language: [['JavaScript', '']],
          'processed-by': [['ComponentizeJS', '0.19.3']],
        },
      },
    ],
    [
      'Python',
      'componentize-py',
      {
        main: { 'processed-by': [['clang', '22.1.0']] },
        around: { 'processed-by': [['component-init-transform', '0.2.0']] },
      },
    ],
    [
      'Rust',
      'rustc 1.95.0',
      {
        main: {
          language: [
            ['C11', ''],
            ['Rust', ''],
          ],
          'processed-by': [
            ['clang', '21.1.8'],
            ['rustc', '1.95.0 (59807616e 2026-04-14)'],
          ],
        },
      },
    ],
    [
      'C++',
      'clang 21.1.8',
      {
        main: {
          language: [['C_plus_plus_17', '']],
          'processed-by': [['clang', '21.1.8']],
        },
      },
    ],
    [
      'C',
      'clang 21.1.8',
      { main: { 'processed-by': [['clang', '21.1.8 (Debian)']] } },
    ],
  ])('are %s and %s', (language, toolchain, made) => {
    expect(madeBy(made)).toMatchObject({ language, toolchain });
  });

  it('are not told where the module does not say', () => {
    const inspection = madeBy({ main: {} });

    expect(inspection).not.toHaveProperty('language');
    expect(inspection).not.toHaveProperty('toolchain');
  });
});
