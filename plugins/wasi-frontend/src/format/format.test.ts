import { formatAge, formatBytes, formatDuration } from '.';

describe('sizes, ages and durations', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [524_288, '512 KiB'],
    [12_897_485, '12.3 MiB'],
    [5 * 1024 ** 4, '5120 GiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [200_000_000, '2 d'],
  ])('writes an age of %d ms as %s', (age, text) => {
    expect(formatAge(1_000_000_000_000 - age, 1_000_000_000_000)).toBe(text);
  });

  it.each([
    [12.4, '12 ms'],
    [1_449, '1.4 s'],
  ])('writes %d ms as %s', (duration, text) => {
    expect(formatDuration(duration)).toBe(text);
  });
});
