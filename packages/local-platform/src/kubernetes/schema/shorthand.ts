import type { Schema } from './Schema';

/** Schemas of the built-in kinds, written short. */
export const text = (description: string): Schema => ({
  description,
  type: 'string',
});

export const instant = (description: string): Schema => ({
  description,
  type: 'string',
  format: 'date-time',
});

export const integer = (description: string): Schema => ({
  description,
  type: 'integer',
  format: 'int64',
});

export const flag = (description: string): Schema => ({
  description,
  type: 'boolean',
});

export const object = (
  description: string,
  properties: Record<string, Schema>,
  required?: string[],
): Schema => ({
  description,
  type: 'object',
  properties,
  ...(required && { required }),
});

export const textMap = (description: string): Schema => ({
  description,
  type: 'object',
  additionalProperties: { type: 'string' },
});

export const bytesMap = (description: string): Schema => ({
  description,
  type: 'object',
  additionalProperties: { type: 'string', format: 'byte' },
});

/** Lists that are replaced as a whole. */
export const list = (description: string, items: Schema): Schema => ({
  description,
  type: 'array',
  items,
  'x-kubernetes-list-type': 'atomic',
});

/** Lists whose items are told apart by the named fields. */
export const listByKey = (
  description: string,
  keys: string[],
  items: Schema,
): Schema => ({
  description,
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  'x-kubernetes-patch-merge-key': keys[0],
  'x-kubernetes-patch-strategy': 'merge',
});

/** Objects whose fields are not described here, and kept. */
export const open = (description: string): Schema => ({
  description,
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
});
