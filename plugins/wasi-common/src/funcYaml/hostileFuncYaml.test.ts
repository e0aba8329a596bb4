import fc from 'fast-check';
import { parse } from 'yaml';
import { atLeast, fuzzing } from '../__testUtils__/fuzzing';
import { isWasiError } from '../diagnosis';
import { parseFuncYaml } from './parseFuncYaml';
import { updateFuncYaml } from './updateFuncYaml';

const KIB = 1024;
const bytes = (text: string) => new TextEncoder().encode(text);
const lines = (...more: string[]) =>
  ['name: a', 'runtime: js-wasi', ...more, ''].join('\n');

/** The errors, each with all that a user needs to mend it. */
function faults(source: string | Uint8Array): string[] {
  const { config, findings } = parseFuncYaml(source);
  const errors = findings.filter(({ severity }) => severity === 'error');
  expect(config === undefined).toBe(errors.length > 0);
  expect(findings.length).toBeLessThanOrEqual(201);
  return errors.map(({ code, line, column, message, remedy }) => {
    expect(message.length).toBeLessThanOrEqual(501);
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(remedy).toMatch(/./);
    return `${line}:${column} ${code} ${message}`;
  });
}

describe('a func.yaml that is no text', () => {
  it.each([
    [
      'a byte of Latin-1',
      Uint8Array.from([...bytes('name: a\n# gr'), 0xfc, ...bytes('n\n')]),
      '2:5 FUNC_YAML_SYNTAX func.yaml is not UTF-8: a byte here is no text',
    ],
    [
      'an overlong NUL',
      Uint8Array.from([...bytes('name: a'), 0xc0, 0x80]),
      '1:8 FUNC_YAML_SYNTAX func.yaml is not UTF-8: a byte here is no text',
    ],
    [
      'half a character at the end',
      bytes('name: a # ä').slice(0, -1),
      '1:11 FUNC_YAML_SYNTAX func.yaml is not UTF-8: a byte here is no text',
    ],
    [
      'UTF-16 from Windows',
      Uint8Array.from([0xff, 0xfe, ...Buffer.from(lines(), 'utf16le')]),
      '1:1 FUNC_YAML_SYNTAX func.yaml is UTF-16, not UTF-8',
    ],
    [
      'UTF-16 of the other order',
      Uint8Array.from([
        0xfe,
        0xff,
        ...Buffer.from(lines(), 'utf16le').swap16(),
      ]),
      '1:1 FUNC_YAML_SYNTAX func.yaml is UTF-16, not UTF-8',
    ],
    [
      'UTF-16 without its mark',
      Uint8Array.from(Buffer.from('name', 'utf16le')),
      '1:2 FUNC_YAML_SYNTAX The character U+0000 is not allowed in YAML',
    ],
    [
      'a module by mistake',
      Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]),
      '1:1 FUNC_YAML_SYNTAX The character U+0000 is not allowed in YAML',
    ],
    [
      'a colour of a terminal',
      bytes('name: a\nruntime: \u001b[31mjs-wasi\n'),
      '2:10 FUNC_YAML_SYNTAX The character U+001B is not allowed in YAML',
    ],
    [
      '10 MB',
      new Uint8Array(10_000_000).fill(0x23),
      '1:1 FUNC_YAML_TOO_LARGE func.yaml is larger than 256 KiB',
    ],
  ])('is refused where it begins: %s', (_, source, fault) => {
    expect(faults(source)).toContain(fault);
  });

  it('is read with a byte order mark of UTF-8', () => {
    expect(faults(bytes(`\uFEFF${lines('# ä😀')}`))).toEqual([]);
  });

  it('is refused where a value holds a NUL, which no process can be given', () => {
    expect(faults(lines('run: {args: ["a\\0b"]}'))).toEqual([
      '3:14 FUNC_YAML_INVALID `run.args[0]` contains a NUL character, which no process can be given',
    ]);
  });
});

describe('a func.yaml that is made to hurt', () => {
  const manyKeys = (length: number, separator: string, end: string) => {
    const keys = Array.from({ length }, (_, index) => `k${index}`);
    return keys.join(separator) + end;
  };

  // Each of these would keep a parser busy for minutes that compares all with all, or follows blindly.
  it.each([
    ['values that multiply by aliases', laughs(9), 'comes to more than'],
    [
      'a mapping merged a thousand times over',
      lines(
        `x: &x {${manyKeys(1_000, ': v, ', ': v')}}`,
        `deploy: {annotations: {<<: [${'*x, '.repeat(1_000)}]}}`,
      ),
      'comes to more than',
    ],
    [
      'aliases after many anchors',
      lines(
        `x: [${Array.from({ length: 5_000 }, (_, i) => `&a${i} v`).join(
          ', ',
        )}]`,
        `run: {args: [${'*a0, '.repeat(9_000)}]}`,
      ),
      '',
    ],
    [
      'twelve thousand keys in a block',
      lines(manyKeys(12_000, ':\n', ':')),
      '',
    ],
    [
      'twelve thousand keys in a line',
      lines(`x: {${manyKeys(12_000, ', ', '')}}`),
      '',
    ],
    [
      'ten thousand entries that repeat a wrong one',
      lines(
        `x: &x {${manyKeys(1_000, ': v, ', ': v')}}`,
        `deploy: {labels: [${'*x, '.repeat(9_000)}]}`,
      ),
      'comes to more than',
    ],
    ['lists in lists', lines(`x: ${'['.repeat(100_000)}`), 'words and signs'],
    ['lists in lists, fewer', lines(`x: ${'['.repeat(40_000)}`), 'nested too'],
    [
      'lists in lists that are closed',
      lines(`x: ${'['.repeat(60)}${']'.repeat(60)}`),
      'nested too',
    ],
    ['dashes without end', '- '.repeat(100_000), 'words and signs'],
    ['dashes, fewer', '- '.repeat(20_000), 'nested too'],
    ['mappings in mappings', '{a: '.repeat(5_000), 'nested too'],
    ['commas without end', lines(`x: [${','.repeat(200_000)}`), 'words and'],
    ['tabs without end', '\t\n'.repeat(20_000), ''],
    ['documents without end', '---\n'.repeat(20_000), 'one YAML document'],
    ['a long value', lines(`image: ${'A'.repeat(200_000)}`), 'image'],
    ['a long key', lines(`? ${'A'.repeat(200_000)}\n: v`), ''],
    ['a long runtime', `runtime: ${'A'.repeat(200_000)}-wasi`, 'runtime'],
    ['a long anchor', lines(`run: *${'A'.repeat(200_000)}`), 'alias'],
    ['a number of 200 000 digits', `name: ${'9'.repeat(200_000)}`, 'name'],
  ])('is judged all the same: %s', (_, text, expected) => {
    expect(text.length).toBeLessThan(256 * KIB);
    const found = faults(text).join('\n');
    expect(found).toContain(expected);
  });

  it('is not answered by more than hundred errors', () => {
    const { findings } = parseFuncYaml(
      lines(`run: {args: [${'[], '.repeat(5_000)}]}`),
    );
    expect(findings).toHaveLength(101);
    expect(findings[100]).toEqual({
      code: 'FUNC_YAML_INVALID',
      severity: 'warning',
      message: 'func.yaml has 4900 more faults',
      remedy: 'Correct those named, then look again.',
    });
  });

  it('may be a thousand lines long', () => {
    const envs = Array.from({ length: 1_000 }, (_, index) => [
      `    - name: A${index}`,
      `      value: "${index}"`,
    ]).flat();
    expect(faults(lines('run:', '  envs:', ...envs))).toEqual([]);
  });

  function laughs(depth: number): string {
    const levels = Array.from(
      { length: depth },
      (_, index) =>
        `l${index + 1}: &l${index + 1} [${`*l${index}, `.repeat(10)}]`,
    );
    return lines(
      'l0: &l0 {source: s, filters: {a: b}}',
      ...levels,
      `deploy: {subscriptions: [${'*l0, '.repeat(9_000)}]}`,
    );
  }
});

describe('keys that are names in JavaScript', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString'];

  it('stay keys of annotations, and reach no prototype', () => {
    const { config, findings } = parseFuncYaml(
      lines(
        'deploy:',
        '  annotations:',
        ...names.map(name => `    ${name}: x`),
        ...names.map(name => `${name}: {polluted: yes}`),
      ),
    );
    expect(findings.map(({ code }) => code)).toEqual(
      names.map(() => 'FUNC_YAML_UNKNOWN_FIELD'),
    );
    expect(Object.entries(config?.deploy.annotations ?? {})).toEqual(
      names.map(name => [name, 'x']),
    );
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('are told when they stand twice, also where one is a number', () => {
    expect(
      faults(lines('__proto__: 1', '"__proto__": 2', '1: a', '"1": b')),
    ).toEqual([
      '4:1 FUNC_YAML_SYNTAX This key stands twice in the same mapping',
      '6:1 FUNC_YAML_SYNTAX This key stands twice in the same mapping',
    ]);
  });
});

describe('updateFuncYaml on hostile files', () => {
  const edit = [{ path: ['name'], value: 'b' }];

  it.each([
    ['too large', `name: a\n${'#'.repeat(300_000)}`, 'FUNC_YAML_TOO_LARGE'],
    [
      'too deep',
      lines(`x: ${'['.repeat(60)}${']'.repeat(60)}`),
      'FUNC_YAML_SYNTAX',
    ],
    ['deeper than a stack', '- '.repeat(20_000), 'FUNC_YAML_SYNTAX'],
    ['with a key twice', 'name: a\nname: c\n', 'FUNC_YAML_SYNTAX'],
    ['of two documents', 'name: a\n---\nname: c\n', 'FUNC_YAML_SYNTAX'],
    ['with a NUL', 'name: a\nx: "\0"\n', 'FUNC_YAML_SYNTAX'],
  ])('refuses one that is %s', (_, text, code) => {
    expect(() => updateFuncYaml(text, edit)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(
          /^func\.yaml cannot be changed at name: /,
        ),
        remedy: expect.stringMatching(/./),
      }),
    );
  });

  it.each([
    ['the value itself', 'name: &n a\nimage: *n\n', ['name'], 'b'],
    ['what it lies in', 'x: &x {k: v}\ny: {<<: *x}\n', ['x', 'k'], 'new'],
    ['what lies in it', 'x: {k: &k v}\ny: *k\n', ['x'], undefined],
  ])('refuses to change what an alias repeats: %s', (_, text, path, value) => {
    expect(() => updateFuncYaml(text, [{ path, value }])).toThrow(
      expect.objectContaining({
        code: 'FUNC_YAML_INVALID',
        message: expect.stringContaining('an alias repeats'),
      }),
    );
  });

  it('keeps the line ends of Windows and the byte order mark', () => {
    expect(
      updateFuncYaml('\uFEFFname: a # why\r\nx-team: t\r\n', [
        { path: ['name'], value: 'b' },
        { path: ['deploy', 'namespace'], value: 'shop' },
      ]),
    ).toBe(
      '\uFEFFname: b # why\r\nx-team: t\r\ndeploy:\r\n  namespace: shop\r\n',
    );
  });

  const key = fc.constantFrom('name', 'run', 'deploy', 'x-a', '__proto__', '1');
  const scalar = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
    fc.constantFrom(
      'yes',
      'null',
      '~',
      '- a',
      'a: b',
      '#',
      "'",
      '"',
      '\n',
      ' ',
    ),
    fc.integer(),
    fc.boolean(),
  );
  const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      scalar,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const file = fc.dictionary(key, tree, {
    minKeys: 1,
    maxKeys: 5,
    noNullPrototype: true,
  });

  it('changes the one value, and what is read of all others stays', () => {
    fc.assert(
      fc.property(
        file,
        key,
        scalar,
        fc.boolean(),
        (content, at, value, crlf) => {
          const written = updateFuncYaml(
            '# kept\n',
            Object.entries(content).map(([name, each]) => ({
              path: [name],
              value: each,
            })),
          );
          const before = crlf ? written.replace(/\n/g, '\r\n') : written;
          const after = updateFuncYaml(before, [{ path: [at], value }]);
          const expected = new Map(Object.entries(content)).set(at, value);
          expect(parse(after, { mapAsMap: true })).toEqual(
            new Map(
              [...expected].map(([name, each]) => [
                // A key that reads as a number may be written as one.
                name === '1' && parse(after, { mapAsMap: true }).has(1)
                  ? 1
                  : name,
                asMaps(each),
              ]),
            ),
          );
          expect(after).toContain('# kept');
        },
      ),
      fuzzing(300),
    );
  }, 240_000);

  function asMaps(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map(asMaps);
    }
    return typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([k, v]) => [k, asMaps(v)]))
      : value;
  }
});

describe('any text at all', () => {
  const scrap = fc.oneof(
    fc.constantFrom(
      ...['name', 'runtime', 'js-wasi', 'run', 'args', 'envs', 'deploy', ': '],
      ...['\n', '\n  ', '- ', '[', ']', '{', '}', ', ', '&a ', '*a', '<<: '],
      ...[
        '"',
        "'",
        '|',
        '>',
        '#',
        '!!str ',
        '!',
        '%',
        '---\n',
        '? ',
        '\t',
        '@',
      ],
      ...['__proto__', '0x1', '1e999', '.inf', '~', '\0', '\r', '\uFEFF', 'ä'],
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const soup = fc.array(scrap, { maxLength: 30 }).map(parts => parts.join(''));

  it('gives a config or errors with a place, and is changed or refused', () => {
    const seen = { config: 0, errors: 0 };
    fc.assert(
      fc.property(soup, fc.boolean(), (text, isComplete) => {
        const whole = isComplete ? lines(text) : text;
        const found = faults(whole);
        seen[found.length === 0 ? 'config' : 'errors'] += 1;
        expect(found.every(each => /^\d+:\d+ [A-Z_]+ ./.test(each))).toBe(true);
        try {
          updateFuncYaml(whole, [
            { path: ['deploy', 'namespace'], value: 'b' },
          ]);
        } catch (error) {
          if (!isWasiError(error)) {
            throw error;
          }
        }
      }),
      fuzzing(1_500),
    );
    expect(seen.config).toBeGreaterThanOrEqual(atLeast(20));
    expect(seen.errors).toBeGreaterThanOrEqual(atLeast(500));
  }, 240_000);

  it('is judged from any bytes', () => {
    expect(() =>
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), tail => {
          faults(Uint8Array.from([...bytes('name: a\n'), ...tail]));
        }),
        fuzzing(1_000),
      ),
    ).not.toThrow();
  }, 240_000);
});
