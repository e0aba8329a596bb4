import type { Json } from '../schema/Schema';
import { age } from './age';
import { compileJsonPath } from './jsonPath';

const object: Json = {
  metadata: { labels: { 'a.b/c': 'label' } },
  status: {
    conditions: [
      { type: 'Other', status: 'True' },
      { type: 'Ready', status: 'False', level: 3 },
    ],
  },
};

describe('compileJsonPath', () => {
  it.each([
    [".status.conditions[?(@.type=='Ready')].status", ['False']],
    ['.status.conditions[?(@.type=="Ready")].status', ['False']],
    ['.status.conditions[?(@.level>2)].type', ['Ready']],
    ['.status.conditions[?(@.level)].type', ['Ready']],
    ["status.conditions[?(@.type != 'Ready')].type", ['Other']],
    ['.status.conditions[0].type', ['Other']],
    ['.status.conditions[-1].type', ['Ready']],
    ['.status.conditions[*].type', ['Other', 'Ready']],
    ['..type', ['Other', 'Ready']],
    [".metadata.labels['a.b/c']", ['label']],
    ['.metadata.labels.a\\.b/c', ['label']],
    ['.status.absent.field', []],
    ['.constructor', []],
  ])('reads %s', (path, expected) => {
    expect(compileJsonPath(path)(object)).toEqual(expected);
  });

  it.each(['.a[', '.a[?(@.b===1)]', '.a[?(@.b==c)]'])(
    'refuses %s, naming it',
    path => {
      expect(() => compileJsonPath(path)).toThrow(`JSONPath "${path}"`);
    },
  );
});

describe('age', () => {
  const now = new Date('2026-06-15T12:00:00Z');
  it.each([
    ['2026-06-15T11:59:18Z', '42s'],
    ['2026-06-15T11:58:01Z', '119s'],
    ['2026-06-15T11:56:48Z', '3m12s'],
    ['2026-06-15T11:15:30Z', '44m'],
    ['2026-06-15T08:30:00Z', '3h30m'],
    ['2026-06-15T02:00:00Z', '10h'],
    ['2026-06-13T09:00:00Z', '2d3h'],
    ['2026-05-15T12:00:00Z', '31d'],
    ['2023-06-10T12:00:00Z', '3y6d'],
    ['2026-06-15T12:00:01Z', '0s'],
    ['2026-06-16T12:00:00Z', '<invalid>'],
    [undefined, '<unknown>'],
  ])('prints the time since %s as %s', (instant, expected) => {
    expect(age(instant, now)).toBe(expected);
  });
});
