import { parseYaml } from './parseYaml';
import { printYaml } from './printYaml';

describe('parseYaml', () => {
  it('reads YAML 1.1, in which some words are truths and instants are texts', () => {
    expect(
      parseYaml('a: y\nb: "y"\nc: 2020-01-01T00:00:00Z\nd: 0o7\ne: 1:30\n'),
    ).toEqual({
      value: {
        a: true,
        b: 'y',
        c: '2020-01-01T00:00:00Z',
        d: '0o7',
        e: '1:30',
      },
      faults: [],
    });
  });

  it('keeps the last of fields of one name, and names it with its line', () => {
    expect(parseYaml('a:\n  b: 1\n  b: 2\n')).toEqual({
      value: { a: { b: 2 } },
      faults: ['line 3: key "b" already set in map'],
    });
  });

  it.each([
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['a: [1', "yaml: line 1: did not find expected ',' or ']'"],
    ['{', 'yaml: line 1: did not find expected node content'],
  ])('refuses %j as Go does', (text, message) => {
    expect(() => parseYaml(text)).toThrow(message);
  });

  it('does not let a small text become large', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...['b', 'c', 'd', 'e'].map(
        (name, index) =>
          `${name}: &${name} [${Array(10).fill(`*${'abcd'[index]}`)}]`,
      ),
    ].join('\n');
    expect(() => parseYaml(bomb)).toThrow(/alias/i);
  });
});

describe('printYaml', () => {
  it('prints names in order, and texts so that they stay texts', () => {
    expect(
      printYaml({
        b: [{ y: '1', x: 'a: b' }],
        a: { t: '2020-01-01T00:00:00Z', n: 1, f: 'on', e: '', l: [] },
      }),
    ).toBe(
      [
        'a:',
        '  e: ""',
        '  f: "on"',
        '  l: []',
        '  "n": 1',
        '  t: "2020-01-01T00:00:00Z"',
        'b:',
        "- x: 'a: b'",
        '  "y": "1"',
        '',
      ].join('\n'),
    );
  });
});
