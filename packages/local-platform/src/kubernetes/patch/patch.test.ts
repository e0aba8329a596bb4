import { configMaps } from '../resources/configMaps';
import type { Json, JsonObject } from '../schema/Schema';
import { jsonPatch } from './jsonPatch';
import { mergePatch } from './mergePatch';
import { strategicMergePatch } from './strategicMergePatch';

describe('jsonPatch', () => {
  it.each<[string, JsonObject, Json, Json]>([
    [
      'adds into a list',
      { a: [1, 3] },
      [{ op: 'add', path: '/a/1', value: 2 }],
      { a: [1, 2, 3] },
    ],
    [
      'replaces the whole',
      { a: 1 },
      [{ op: 'replace', path: '', value: { b: 2 } }],
      { b: 2 },
    ],
    [
      'moves',
      { a: { b: 1 } },
      [{ op: 'move', from: '/a/b', path: '/c' }],
      { a: {}, c: 1 },
    ],
    [
      'copies',
      { a: { b: 1 } },
      [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'replace', path: '/c/b', value: 2 },
      ],
      { a: { b: 1 }, c: { b: 2 } },
    ],
    [
      'reads ~0 and ~1',
      { 'a/b~c': 1 },
      [{ op: 'remove', path: '/a~1b~0c' }],
      {},
    ],
    [
      'tests deeply',
      { a: { b: [1] } },
      [{ op: 'test', path: '/a', value: { b: [1] } }],
      { a: { b: [1] } },
    ],
  ])('%s', (_, target, patch, expected) => {
    const before = structuredClone(target);
    expect(jsonPatch(target, patch)).toEqual(expected);
    expect(target).toEqual(before);
  });

  it.each<[string, Json]>([
    ['an absent path', [{ op: 'remove', path: '/x' }]],
    ['a replace of nothing', [{ op: 'replace', path: '/x', value: 1 }]],
    ['a failing test', [{ op: 'test', path: '/a', value: 2 }]],
    ['a parent that is no object', [{ op: 'add', path: '/a/b', value: 1 }]],
    ['an index beyond the end', [{ op: 'add', path: '/l/5', value: 1 }]],
    ['an inherited field', [{ op: 'remove', path: '/constructor' }]],
    ['an unknown operation', [{ op: 'increment', path: '/a' }]],
  ])('refuses %s', (_, patch) => {
    expect(() => jsonPatch({ a: 1, l: [] }, patch)).toThrow(
      expect.objectContaining({
        status: expect.objectContaining({ code: 422 }),
      }),
    );
  });
});

describe('mergePatch', () => {
  it('follows the example of RFC 7386', () => {
    expect(
      mergePatch(
        {
          title: 'Goodbye!',
          author: { givenName: 'John', familyName: 'Doe' },
          tags: ['example', 'sample'],
          content: 'This will be unchanged',
        },
        {
          title: 'Hello!',
          phoneNumber: '+01-123-456-7890',
          author: { familyName: null },
          tags: ['example'],
        },
      ),
    ).toEqual({
      title: 'Hello!',
      author: { givenName: 'John' },
      tags: ['example'],
      content: 'This will be unchanged',
      phoneNumber: '+01-123-456-7890',
    });
  });
});

describe('strategicMergePatch', () => {
  const owner = (uid: string, name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    uid,
    name,
  });
  const patch = (metadata: Json, with_: Json) =>
    strategicMergePatch({ metadata }, { metadata: with_ }, configMaps.schema);

  it('merges lists by their key', () => {
    expect(
      patch(
        { ownerReferences: [owner('1', 'a'), owner('2', 'b')] },
        {
          $setElementOrder: [],
          ownerReferences: [{ uid: '2', name: 'c' }, owner('3', 'd')],
        },
      ),
    ).toEqual({
      metadata: {
        ownerReferences: [owner('1', 'a'), owner('2', 'c'), owner('3', 'd')],
      },
    });
  });

  it('obeys directives', () => {
    expect(
      patch(
        {
          ownerReferences: [owner('1', 'a')],
          finalizers: ['a', 'b'],
          labels: { a: '1' },
          annotations: { a: '1' },
        },
        {
          ownerReferences: [{ $patch: 'delete', uid: '1' }],
          '$deleteFromPrimitiveList/finalizers': ['a'],
          labels: { $patch: 'replace', b: '2' },
          annotations: null,
        },
      ),
    ).toEqual({
      metadata: {
        ownerReferences: [],
        finalizers: ['b'],
        labels: { b: '2' },
      },
    });
  });
});
