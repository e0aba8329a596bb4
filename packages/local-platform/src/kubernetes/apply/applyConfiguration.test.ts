import type { KubernetesObject } from '../ObjectStore';
import { withObjectFields } from '../schema/objectMetaSchema';
import { listByKey, object, text, textMap } from '../schema/shorthand';
import type { Json, Schema } from '../schema/Schema';
import { applyConfiguration } from './applyConfiguration';
import { compare } from './compare';
import { FieldSet, printPath } from './FieldSet';
import { fieldsOf } from './fieldsOf';
import {
  readManagers,
  writeManagers,
  type Manager,
  type ManagerKey,
} from './managedFields';
import { trackUpdate } from './trackUpdate';

const schema: Schema = withObjectFields(
  object('', {
    spec: object('', {
      image: text(''),
      env: listByKey('', ['name'], {
        ...object('', { name: text(''), value: text(''), other: text('') }),
      }),
      labels: textMap(''),
      tags: {
        type: 'array',
        items: { type: 'string' },
        'x-kubernetes-list-type': 'set',
      },
      whole: { type: 'array', items: { type: 'string' } },
    }),
  }),
);

type Spec = { [field: string]: Json };
const thing = (spec: Spec, metadata: object = {}) =>
  ({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'one', ...metadata },
    spec,
  } as KubernetesObject & { spec: Spec });

const common = { schema, apiVersion: 'example.com/v1', now: 'now' };
const manager = (
  name: string,
  operation: 'Apply' | 'Update' = 'Apply',
): ManagerKey => ({ name, operation });

/** Applies one after the other, from nothing. */
function applied(...steps: [string, Spec][]) {
  return steps.reduce<{ object: KubernetesObject; managers: Manager[] }>(
    (state, [name, spec]) =>
      applyConfiguration({
        live: state.object,
        configuration: thing(spec),
        managers: state.managers,
        key: manager(name),
        force: false,
        ...common,
      }),
    { object: thing({}), managers: [] },
  );
}

const fieldsByManager = (managers: Manager[]) =>
  Object.fromEntries(
    writeManagers(managers).map(entry => [
      `${entry.manager} ${entry.operation}`,
      entry.fieldsV1,
    ]),
  );

describe('applyConfiguration', () => {
  it('lets managers own items of one list', () => {
    const { object: result, managers } = applied(
      ['a', { env: [{ name: 'A', value: '1' }] }],
      ['b', { env: [{ name: 'B', value: '2' }] }],
    );
    expect(result).toEqual(
      thing({
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
      }),
    );
    expect(fieldsByManager(managers)).toEqual({
      'a Apply': {
        'f:spec': {
          'f:env': {
            'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} },
          },
        },
      },
      'b Apply': {
        'f:spec': {
          'f:env': {
            'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:value': {} },
          },
        },
      },
    });
  });

  it('removes only what its manager gave up', () => {
    const { object: result } = applied(
      ['a', { env: [{ name: 'A', value: '1' }], image: 'x', tags: ['t', 'u'] }],
      ['b', { env: [{ name: 'A', other: '2' }], tags: ['u'] }],
      ['a', { image: 'x' }],
    );
    expect(result).toEqual(
      thing({ env: [{ name: 'A', other: '2' }], image: 'x', tags: ['u'] }),
    );
  });

  it('names every field in conflict, by manager', () => {
    const conflicting = () =>
      applied(
        ['a', { env: [{ name: 'A', value: '1' }], image: 'x' }],
        ['b', { whole: ['x'] }],
        ['c', { env: [{ name: 'A', value: '2' }], image: 'y', whole: ['y'] }],
      );
    expect(conflicting).toThrow(
      expect.objectContaining({
        message: [
          'Apply failed with 3 conflicts: conflicts with "a":',
          '- .spec.env[name="A"].value',
          '- .spec.image',
          'conflicts with "b":',
          '- .spec.whole',
        ].join('\n'),
      }),
    );
  });

  it('shares what two managers set to the same', () => {
    const { managers } = applied(['a', { image: 'x' }], ['b', { image: 'x' }]);
    expect(fieldsByManager(managers)).toEqual({
      'a Apply': { 'f:spec': { 'f:image': {} } },
      'b Apply': { 'f:spec': { 'f:image': {} } },
    });
  });

  it('replaces an atomic list as a whole', () => {
    const { object: result } = applied(
      ['a', { whole: ['x', 'y'] }],
      ['a', { whole: ['y'] }],
    );
    expect(result).toEqual(thing({ whole: ['y'] }));
  });
});

describe('trackUpdate', () => {
  it('takes the changed fields from others, and drops removed ones', () => {
    const before = thing({ image: 'x', labels: { a: '1' }, whole: ['x'] });
    const managers = applied([
      'a',
      { image: 'x', labels: { a: '1' }, whole: ['x'] },
    ]).managers;
    const after = thing({ image: 'y', labels: {}, whole: ['x'] });
    const tracked = trackUpdate({
      before,
      after,
      managers,
      key: manager('editor', 'Update'),
      ...common,
    });
    expect(fieldsByManager(tracked)).toEqual({
      'a Apply': { 'f:spec': { 'f:whole': {} } },
      'editor Update': { 'f:spec': { 'f:image': {} } },
    });
  });

  it('owns a new map and its keys', () => {
    const tracked = trackUpdate({
      before: undefined,
      after: thing({ image: 'x' }, { labels: { a: 'b' } }),
      managers: [],
      key: manager('creator', 'Update'),
      ...common,
    });
    expect(fieldsByManager(tracked)).toEqual({
      'creator Update': {
        'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
        'f:spec': { '.': {}, 'f:image': {} },
      },
    });
  });
});

describe('managedFields', () => {
  it('reads back what it wrote', () => {
    const { managers } = applied(
      ['a', { env: [{ name: 'A', value: '1' }], tags: ['t'] }],
      ['b', { labels: { x: 'y' } }],
    );
    const written = writeManagers(managers);
    expect(writeManagers(readManagers(written))).toEqual(written);
  });

  it('throws the oldest of many updaters together', () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      name: `m${index}`,
      operation: 'Update' as const,
      apiVersion: 'v1',
      time: `2026-01-01T00:00:${10 + index}Z`,
      fields: FieldSet.of([[`f:${index}`]]),
    }));
    const written = writeManagers(many);
    expect(written).toHaveLength(10);
    expect(written[0]).toEqual({
      manager: 'ancient-changes',
      operation: 'Update',
      apiVersion: 'v1',
      time: '2026-01-01T00:00:12Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:0': {}, 'f:1': {}, 'f:2': {} },
    });
  });
});

describe('FieldSet', () => {
  const one = FieldSet.of([['f:a'], ['f:b', 'f:c'], ['f:b']]);
  const two = FieldSet.of([['f:b', 'f:c'], ['f:d']]);
  it('computes union, difference and intersection', () => {
    expect([
      one.union(two).toFieldsV1(),
      one.difference(two).toFieldsV1(),
      one.intersection(two).toFieldsV1(),
    ]).toEqual([
      { 'f:a': {}, 'f:b': { '.': {}, 'f:c': {} }, 'f:d': {} },
      { 'f:a': {}, 'f:b': {} },
      { 'f:b': { 'f:c': {} } },
    ]);
  });

  it('survives writing and reading', () => {
    expect(FieldSet.parse(one.toFieldsV1()).equals(one)).toBe(true);
  });

  it('prints paths', () => {
    expect(
      printPath(['f:spec', 'f:env', 'k:{"name":"A"}', 'v:"x"', 'f:value']),
    ).toBe('.spec.env[name="A"][="x"].value');
  });
});

describe('compare', () => {
  it('tells added, modified and removed fields', () => {
    const { added, modified, removed } = compare(
      { spec: { image: 'x', labels: { a: '1' } } },
      { spec: { image: 'y', whole: ['z'], labels: { b: '1' } } },
      schema,
    );
    expect([
      added.toFieldsV1(),
      modified.toFieldsV1(),
      removed.toFieldsV1(),
    ]).toEqual([
      { 'f:spec': { 'f:labels': { 'f:b': {} }, 'f:whole': {} } },
      { 'f:spec': { 'f:image': {} } },
      { 'f:spec': { 'f:labels': { 'f:a': {} } } },
    ]);
  });

  it('agrees with the fields of an applied object', () => {
    const set = fieldsOf({ spec: { image: 'x', labels: {} } }, schema);
    expect(set.toFieldsV1()).toEqual({
      'f:spec': { 'f:image': {}, 'f:labels': {} },
    });
  });
});
