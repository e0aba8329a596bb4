import { parseJson } from './parseJson';

describe('parseJson', () => {
  it.each([
    '{}',
    ' [1, -2.5e+3, 0, "a\\u00e9\\n/", true, false, null, {"a": []}] ',
    '"\u007f é \u{1F600}"',
    '0.5',
    '{"__proto__": {"a": 1}}',
  ])('reads %s', text => {
    expect(parseJson(text)).toEqual({ value: JSON.parse(text), faults: [] });
  });

  it.each([
    ['', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['[1,', 'unexpected end of JSON input'],
    ['"\\u12', 'unexpected end of JSON input'],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    [
      '{"a":1,}',
      "invalid character '}' looking for beginning of object key string",
    ],
    [
      "{'a':1}",
      "invalid character '\\'' looking for beginning of object key string",
    ],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
    ['[1 2]', "invalid character '2' after array element"],
    ['{} x', "invalid character 'x' after top-level value"],
    ['tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['-}', "invalid character '}' in numeric literal"],
    ['1.}', "invalid character '}' after decimal point in numeric literal"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12x4"', "invalid character 'x' in \\u hexadecimal character escape"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ])('refuses %j as Go does', (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  it('refuses what is nested too deep, whatever its size', () => {
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(
      'exceeded max depth',
    );
  });

  it('keeps the last of fields of one name, and names them', () => {
    const text = '{"a":1,"b":[{"c":1},{"c":1,"c":2}],"a":{"d":1},"\\u0061":3}';
    expect(parseJson(text)).toEqual({
      value: { a: 3, b: [{ c: 1 }, { c: 2 }] },
      faults: [
        'duplicate field "b[1].c"',
        'duplicate field "a"',
        'duplicate field "a"',
      ],
    });
  });
});
