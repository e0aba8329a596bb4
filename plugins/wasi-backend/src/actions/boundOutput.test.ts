import { boundOutput } from './boundOutput';

const LIMIT = 64 * 1024;
const sizeOf = (value: object) => Buffer.byteLength(JSON.stringify(value));

describe('an output', () => {
  it('is left as it is where it fits', () => {
    const output = {
      module: 'a/b/c',
      list: [1, true, null],
      nested: { text: 'x' },
      absent: undefined,
    };

    expect(boundOutput(output)).toEqual({
      module: 'a/b/c',
      list: [1, true, null],
      nested: { text: 'x' },
    });
  });

  it('says which texts, lists and objects were cut', () => {
    const { truncated, ...output } = boundOutput({
      text: 'é'.repeat(5_000),
      list: Array.from({ length: 300 }, (_, index) => index),
      labels: Object.fromEntries(
        Array.from({ length: 300 }, (_, index) => [`k${index}`, 'v']),
      ),
    });

    expect(truncated).toEqual(['text', 'list', 'labels']);
    expect(output.text).toBe(`${'é'.repeat(4_000)}… [cut]`);
    expect(output.list).toHaveLength(200);
    expect(Object.keys(output.labels)).toHaveLength(200);
  });

  it('cuts no character in two', () => {
    const { text } = boundOutput({ text: `a${'😀'.repeat(3_000)}` });

    expect(text).toBe(`a${'😀'.repeat(1_999)}… [cut]`);
  });

  it.each([
    ['many long texts', { list: Array(200).fill('x'.repeat(4_000)) }],
    [
      'objects in objects in objects',
      { tree: nest(5, 10, () => 'x'.repeat(200)) },
    ],
    [
      'long names',
      {
        names: Object.fromEntries(
          Array.from({ length: 100 }, (_, i) => [i + 'y'.repeat(9_000), 1]),
        ),
      },
    ],
    ['what takes six bytes each', { text: '\u0001\u007f"\\'.repeat(40_000) }],
  ])('has at most 64 KiB, whatever is in it: %s', (_, huge) => {
    const output = boundOutput({ module: 'a/b/c', ...huge });

    expect(sizeOf(output)).toBeLessThanOrEqual(LIMIT);
    expect(output).toMatchObject({
      module: 'a/b/c',
      truncated: expect.any(Array),
    });
  });
});

function nest(depth: number, width: number, leaf: () => string): unknown {
  return depth === 0
    ? leaf()
    : Object.fromEntries(
        Array.from({ length: width }, (_, index) => [
          `k${index}`,
          nest(depth - 1, width, leaf),
        ]),
      );
}
