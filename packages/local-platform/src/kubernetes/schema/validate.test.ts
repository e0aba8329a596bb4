import { applyDefaults } from './applyDefaults';
import { prune } from './prune';
import type { Json, Schema } from './Schema';
import { validate } from './validate';

const told = (value: Json, schema: Schema) =>
  validate(value, schema, 'spec').map(
    ({ field, reason, message }) => `${field} ${reason}: ${message}`,
  );

describe('validate', () => {
  it.each<[string, Json, Schema, string[]]>([
    [
      'another type',
      5,
      { type: 'string' },
      [
        'spec FieldValueTypeInvalid: Invalid value: "integer": spec in body must be of type string: "integer"',
      ],
    ],
    [
      'a missing field',
      {},
      { type: 'object', required: ['a'] },
      ['spec.a FieldValueRequired: Required value'],
    ],
    [
      'a value of no enum',
      'c',
      { type: 'string', enum: ['a', 'b'] },
      [
        'spec FieldValueNotSupported: Unsupported value: "c": supported values: "a", "b"',
      ],
    ],
    [
      'a pattern',
      'A',
      { type: 'string', pattern: '^[a-z]$' },
      [
        'spec FieldValueInvalid: Invalid value: "A": spec in body should match \'^[a-z]$\'',
      ],
    ],
    [
      'a length',
      'abc',
      { type: 'string', maxLength: 2 },
      ['spec FieldValueTooLong: Too long: may not be more than 2 bytes'],
    ],
    [
      'a short text',
      '',
      { type: 'string', minLength: 1 },
      [
        'spec FieldValueInvalid: Invalid value: "": spec in body should be at least 1 chars long',
      ],
    ],
    [
      'an instant',
      'today',
      { type: 'string', format: 'date-time' },
      [
        'spec FieldValueInvalid: Invalid value: "today": spec in body must be of type date-time: "today"',
      ],
    ],
    [
      'a minimum',
      0,
      { type: 'integer', minimum: 1 },
      [
        'spec FieldValueInvalid: Invalid value: 0: spec in body should be greater than or equal to 1',
      ],
    ],
    [
      'an exclusive maximum',
      2,
      { type: 'integer', maximum: 2, exclusiveMaximum: true },
      [
        'spec FieldValueInvalid: Invalid value: 2: spec in body should be less than 2',
      ],
    ],
    [
      'the width of an integer',
      2 ** 31,
      { type: 'integer', format: 'int32' },
      [
        'spec FieldValueInvalid: Invalid value: 2147483648: spec in body must be of type int32: 2147483648',
      ],
    ],
    [
      'a number of items',
      [1, 2],
      { type: 'array', maxItems: 1 },
      ['spec FieldValueTooMany: Too many: 2: must have at most 1 items'],
    ],
    [
      'a key that is there twice',
      [{ name: 'a' }, { name: 'b' }, { name: 'a' }],
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      ['spec[2] FieldValueDuplicate: Duplicate value: {"name":"a"}'],
    ],
    [
      'an item',
      [{ a: 1 }],
      {
        type: 'array',
        items: { type: 'object', properties: { a: { type: 'string' } } },
      },
      [
        'spec[0].a FieldValueTypeInvalid: Invalid value: "integer": spec[0].a in body must be of type string: "integer"',
      ],
    ],
    [
      'neither an integer nor a text',
      true,
      { 'x-kubernetes-int-or-string': true },
      [
        'spec FieldValueTypeInvalid: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"',
      ],
    ],
    [
      'none of several',
      'a',
      { anyOf: [{ enum: ['b'] }, { enum: ['c'] }] },
      [
        'spec FieldValueInvalid: Invalid value: "a": "spec" must validate at least one schema (anyOf)',
      ],
    ],
  ])('refuses %s', (_, value, schema, expected) => {
    expect(told(value, schema)).toEqual(expected);
  });

  it.each<[string, Json, Schema]>([
    ['an integer for a number', 1, { type: 'number' }],
    ['null where it may be', null, { type: 'string', nullable: true }],
    ['a text for int-or-string', '1', { 'x-kubernetes-int-or-string': true }],
    [
      'an instant',
      '2026-01-02T03:04:05.678Z',
      { type: 'string', format: 'date-time' },
    ],
    ['any further field', { a: { b: 1 } }, { type: 'object' }],
  ])('accepts %s', (_, value, schema) => {
    expect(told(value, schema)).toEqual([]);
  });
});

describe('prune', () => {
  it('drops and names unknown fields, in lists too, and keeps open objects', () => {
    const schema: Schema = {
      type: 'object',
      properties: {
        list: {
          type: 'array',
          items: { type: 'object', properties: { a: { type: 'string' } } },
        },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        map: { type: 'object', additionalProperties: { type: 'string' } },
      },
    };
    expect(
      prune(
        {
          list: [{ a: '1', b: '2' }],
          open: { any: { thing: 1 } },
          map: { key: 'value' },
          extra: 1,
        },
        schema,
      ),
    ).toEqual({
      value: {
        list: [{ a: '1' }],
        open: { any: { thing: 1 } },
        map: { key: 'value' },
      },
      unknown: ['list[0].b', 'extra'],
    });
  });

  it('treats __proto__ as a field like any other', () => {
    const sent = JSON.parse('{"__proto__":{"a":1}}');
    const { value, unknown } = prune(sent, {
      type: 'object',
      additionalProperties: true,
    });
    expect([Object.keys(value), unknown]).toEqual([['__proto__'], []]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('applyDefaults', () => {
  it('fills absent fields and refused nulls, and looks into what it filled in', () => {
    const schema: Schema = {
      type: 'object',
      properties: {
        absent: { type: 'string', default: 'a' },
        refused: { type: 'string', default: 'b' },
        allowed: { type: 'string', default: 'c', nullable: true },
        nested: {
          type: 'object',
          default: {},
          properties: { inner: { type: 'integer', default: 1 } },
        },
        missing: {
          type: 'object',
          properties: { inner: { type: 'integer', default: 1 } },
        },
      },
    };
    expect(applyDefaults({ refused: null, allowed: null }, schema)).toEqual({
      absent: 'a',
      refused: 'b',
      allowed: null,
      nested: { inner: 1 },
    });
  });
});
