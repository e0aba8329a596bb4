import { tmpdir } from 'node:os';
import { goPackage } from './goPackage';

describe('a package of Go', () => {
  it.each([
    [undefined, '.'],
    ['.', '.'],
    ['./cmd/app', './cmd/app'],
    ['cmd/app', './cmd/app'],
    ['internal/v1.2_x', './internal/v1.2_x'],
  ])('%j is built as %s', (source, argument) => {
    expect(goPackage(tmpdir(), source)).toBe(argument);
  });

  it.each([
    ['a flag', '-toolexec=touch'],
    ['every package', './...'],
    ['a download', 'example.com/tool@latest'],
    ['a way out', '../other'],
    ['a way out through a folder', 'cmd/../../other'],
    ['an absolute path', '/etc'],
    ['a second word', 'cmd app'],
    // A pattern that tries every way to cut it would not come to an end.
    ['much that is almost one', `${'a'.repeat(5_000)}!`],
  ])('is not %s', (_, source) => {
    expect(() => goPackage(tmpdir(), source)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
  });
});
