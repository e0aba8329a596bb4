import { isSameJson } from '../schema/isSameJson';
import { z } from 'zod';
import { isObject, type Json, type JsonObject } from '../schema/Schema';
import { tooManyOperations } from '../status/refusals';
import type { GoType } from '../decoding/goTypes';
import type { Parsed } from '../decoding/parseJson';
import { KubernetesStatusError } from '../status/KubernetesStatusError';

const MAXIMUM_OPERATIONS = 10_000;

const pointer = z.string().regex(/^(\/.*)?$/s);
// What is absent is null.
const value = z
  .json()
  .default(null)
  .transform(json => json as Json);
const operationSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), path: pointer, value }),
  z.object({ op: z.literal('replace'), path: pointer, value }),
  z.object({ op: z.literal('test'), path: pointer, value }),
  z.object({ op: z.literal('remove'), path: pointer }),
  z.object({ op: z.literal('move'), path: pointer, from: pointer }),
  z.object({ op: z.literal('copy'), path: pointer, from: pointer }),
]);
type Operation = z.output<typeof operationSchema>;

const text: GoType = { name: 'string', json: 'string' };
const FIELDS: Record<string, GoType> = {
  op: text,
  from: text,
  path: text,
  value: { name: 'interface {}', json: 'any' },
};

/** A JSON patch as kube-apiserver reads it. */
export const jsonPatchType: GoType = {
  name: '[]handlers.jsonPatchOp',
  json: 'array',
  items: {
    name: 'handlers.jsonPatchOp',
    json: 'struct',
    struct: 'jsonPatchOp',
    fields: FIELDS,
  },
};

/** What a strict reader finds fault with in a patch. */
export function jsonPatchFaults({ value: patch, faults }: Parsed): string[] {
  const operations = Array.isArray(patch) ? patch : [];
  const unknown = operations.flatMap((operation, index) =>
    Object.keys(isObject(operation) ? operation : {})
      .filter(name => !Object.hasOwn(FIELDS, name))
      .map(name => `unknown field "[${index}].${name}"`),
  );
  return [...faults, ...unknown].map(fault => `json patch ${fault}`);
}

/**
 * Applies a JSON patch.
 *
 * https://www.rfc-editor.org/rfc/rfc6902
 *
 * @throws KubernetesStatusError 413 for too much of it, 422 for one that does not fit.
 */
export function jsonPatch(target: JsonObject, patch: Json): Json {
  if (Array.isArray(patch) && patch.length > MAXIMUM_OPERATIONS) {
    throw tooManyOperations(MAXIMUM_OPERATIONS, patch.length);
  }
  const parsed = z.array(operationSchema).safeParse(patch);
  if (!parsed.success) {
    // An operation that is none is refused as one that fails.
    throw refuse();
  }
  return parsed.data.reduce<Json>(
    (document, operation) => perform(document, operation),
    structuredClone(target),
  );
}

function perform(document: Json, operation: Operation): Json {
  const path = split(operation.path);
  switch (operation.op) {
    case 'add':
      return add(document, path, operation.value);
    case 'replace':
      find(document, path);
      return path.length === 0
        ? operation.value
        : add(remove(document, path), path, operation.value);
    case 'remove':
      return remove(document, path);
    case 'test':
      if (!isSameJson(find(document, path), operation.value)) {
        throw refuse();
      }
      return document;
    case 'copy':
      return add(
        document,
        path,
        structuredClone(find(document, split(operation.from))),
      );
    case 'move': {
      const from = split(operation.from);
      const moved = find(document, from);
      return add(remove(document, from), path, moved);
    }
    default:
      throw new Error(`Unknown ${JSON.stringify(operation satisfies never)}`);
  }
}

function split(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function find(document: Json, path: string[]): Json {
  return path.reduce<Json>((found, part) => {
    const next = child(found, part);
    if (next === undefined) {
      throw refuse();
    }
    return next;
  }, document);
}

function child(parent: Json, part: string): Json | undefined {
  if (Array.isArray(parent)) {
    return /^(0|[1-9]\d*)$/.test(part) ? parent[Number(part)] : undefined;
  }
  return isObject(parent) && Object.hasOwn(parent, part)
    ? parent[part]
    : undefined;
}

/** The document is a copy of our own, so it may be changed in place. */
function add(document: Json, path: string[], added: Json): Json {
  if (path.length === 0) {
    return added;
  }
  const last = path[path.length - 1];
  const parent = find(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!/^(-|0|[1-9]\d*)$/.test(last) || index > parent.length) {
      throw refuse();
    }
    parent.splice(index, 0, added);
  } else if (isObject(parent)) {
    // Defined, because `__proto__` is a field like any other here.
    Object.defineProperty(parent, last, {
      value: added,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    throw refuse();
  }
  return document;
}

function remove(document: Json, path: string[]): Json {
  if (path.length === 0) {
    throw refuse();
  }
  find(document, path);
  const last = path[path.length - 1];
  const parent = find(document, path.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(Number(last), 1);
  } else {
    delete (parent as JsonObject)[last];
  }
  return document;
}

/** The API does not tell which operation it was, nor why. */
function refuse() {
  return new KubernetesStatusError({
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
  });
}
