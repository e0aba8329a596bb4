import { isSameJson } from '../schema/isSameJson';
import { itemKey, listKind } from '../schema/listItems';
import {
  isObject,
  propertySchema,
  type Json,
  type JsonObject,
  type Schema,
} from '../schema/Schema';

/**
 * Applies a strategic merge patch: lists whose schema says so are merged by
 * key or value, and `$patch`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`
 * and `$retainKeys` are obeyed.
 *
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function strategicMergePatch(
  target: Json | undefined,
  patch: Json,
  schema: Schema | undefined,
): Json {
  if (Array.isArray(patch)) {
    return mergeList(Array.isArray(target) ? target : [], patch, schema);
  }
  if (!isObject(patch)) {
    return patch;
  }
  if (patch.$patch === 'replace') {
    const { $patch: _directive, ...rest } = patch;
    return rest;
  }
  if (patch.$patch === 'delete') {
    return {};
  }
  return mergeObject(isObject(target) ? target : {}, patch, schema);
}

function mergeObject(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const retained = Array.isArray(patch.$retainKeys)
    ? patch.$retainKeys
    : undefined;
  const merged = new Map(
    Object.entries(target).filter(
      ([name]) => !retained || retained.includes(name),
    ),
  );
  for (const [name, value] of Object.entries(patch)) {
    const removal = /^\$deleteFromPrimitiveList\/(.+)$/.exec(name)?.[1];
    if (removal !== undefined && Array.isArray(value)) {
      const list = merged.get(removal);
      merged.set(
        removal,
        Array.isArray(list) ? list.filter(item => !has(value, item)) : [],
      );
    } else if (name.startsWith('$')) {
      // Order is kept as it stands; the other directives are read above.
    } else if (value === null) {
      merged.delete(name);
    } else {
      merged.set(
        name,
        strategicMergePatch(
          merged.get(name),
          value,
          propertySchema(schema, name),
        ),
      );
    }
  }
  return Object.fromEntries(merged);
}

function mergeList(
  target: Json[],
  patch: Json[],
  schema: Schema | undefined,
): Json {
  if (schema?.['x-kubernetes-patch-strategy'] !== 'merge') {
    return patch;
  }
  const kind = listKind(schema);
  if (kind.type !== 'map') {
    return [...target, ...patch.filter(item => !has(target, item))];
  }
  const same = (left: Json, right: Json) =>
    isSameJson(
      itemKey(left, kind.keys, schema),
      itemKey(right, kind.keys, schema),
    );
  return patch.reduce<Json[]>((list, item) => {
    const index = list.findIndex(one => same(one, item));
    if (isObject(item) && item.$patch === 'delete') {
      return list.filter((_, at) => at !== index);
    }
    const merged = strategicMergePatch(list[index], item, schema.items);
    return index < 0
      ? [...list, merged]
      : list.map((one, at) => (at === index ? merged : one));
  }, target);
}

function has(list: Json[], item: Json): boolean {
  return list.some(one => isSameJson(one, item));
}
