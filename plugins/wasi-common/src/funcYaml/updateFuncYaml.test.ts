import { parse } from 'yaml';
import { readFixture } from '../__fixtures__/readFixture';
import { updateFuncYaml } from './updateFuncYaml';

describe('updateFuncYaml', () => {
  const small = readFixture('func.v0.36.js-wasi.yaml');
  // Prettier would indent the list of a fixture.
  const unknown = `# Kept when the file is written back.
name: greeter
runtime: js-wasi
registry: quay.io/shop
x-team: checkout
deploy:
  nework:
    tcp: {}
  labels:
  - key: team # no indentation for lists here
    valu: checkout
`;

  it('changes one value and no other byte', () => {
    expect(
      updateFuncYaml(small, [{ path: ['registry'], value: 'ghcr.io/shop' }]),
    ).toBe(small.replace('quay.io/shop', 'ghcr.io/shop'));
  });

  it('keeps comments, unknown fields and the way lists are indented when it adds fields', () => {
    const changed = updateFuncYaml(unknown, [
      { path: ['deploy', 'namespace'], value: 'shop' },
      {
        path: ['deploy', 'network', 'tcp', 'connect'],
        value: ['orders-db:5432'],
      },
    ]);
    expect(changed).toBe(`${unknown}  namespace: shop
  network:
    tcp:
      connect:
      - orders-db:5432
`);
  });

  it('keeps the indentation of lists that have one', () => {
    const before = 'run:\n  args:\n    - a\n';
    expect(
      updateFuncYaml(before, [{ path: ['run', 'args', 1], value: 'b' }]),
    ).toBe('run:\n  args:\n    - a\n    - b\n');
  });

  it('removes a field whose value is undefined', () => {
    expect(
      updateFuncYaml(small, [{ path: ['created'], value: undefined }]),
    ).toBe(small.replace(/created: .*\n/, ''));
  });

  it('writes fields into an empty file', () => {
    expect(
      parse(updateFuncYaml('', [{ path: ['run', 'args'], value: ['a'] }])),
    ).toEqual({ run: { args: ['a'] } });
  });

  it.each([
    'plain',
    '',
    'true',
    '8080',
    'a: b',
    'a #b',
    '{{ env:HOME }}',
    'a, b]',
    "it's",
    'say "hi"',
    '*x',
    ' padded ',
    'two\nlines',
    '# hash',
    '- dash',
    'ä😀',
    '\t',
    'null',
    '0o7',
  ])('writes %j so that it is read back the same', value => {
    for (const before of [
      'a: old # why\nb: 1\n',
      'a: "old"\nb: 1\n',
      "a: 'old'\nb: 1\n",
      'a: &x old\nb: 1\n',
      'a: |\n  old\n  text\nb: 1\n',
      '{a: old, b: 1}\n',
      'b: 1\n',
    ]) {
      const after = updateFuncYaml(before, [{ path: ['a'], value }]);
      expect(parse(after)).toEqual({ a: value, b: 1 });
    }
  });

  it('applies edits one after the other', () => {
    expect(
      parse(
        updateFuncYaml('run:\n  args: [a, b]\n', [
          { path: ['run', 'args', 0], value: 'longer than before' },
          { path: ['run', 'args', 1], value: 2 },
          { path: ['run', 'args', 2], value: true },
        ]),
      ),
    ).toEqual({ run: { args: ['longer than before', 2, true] } });
  });

  it('refuses to change a file that is not YAML', () => {
    expect(() =>
      updateFuncYaml('name: [a\n', [{ path: ['name'], value: 'b' }]),
    ).toThrow(
      expect.objectContaining({
        code: 'FUNC_YAML_SYNTAX',
        message: expect.stringContaining('func.yaml cannot be changed at name'),
      }),
    );
  });

  it('refuses to write below a value that is not a mapping', () => {
    expect(() =>
      updateFuncYaml('deploy: text\n', [
        { path: ['deploy', 'namespace'], value: 'b' },
      ]),
    ).toThrow(expect.objectContaining({ code: 'FUNC_YAML_INVALID' }));
  });
});
