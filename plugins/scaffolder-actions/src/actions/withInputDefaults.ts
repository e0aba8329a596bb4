import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import type { JsonObject, JsonValue } from '@backstage/types';

/**
 * Fills in what a template left out, from the defaults of the action's schema.
 *
 * The scaffolder checks an input against the schema and hands it on as it is:
 * defaults are documentation to it.
 *
 * @internal
 */
export function withInputDefaults<
  Input extends JsonObject,
  Output extends JsonObject,
>(action: TemplateAction<Input, Output>): TemplateAction<Input, Output> {
  return {
    ...action,
    handler: context =>
      action.handler({
        ...context,
        input: (fill(action.schema?.input, context.input) ?? {}) as Input,
      }),
  };
}

function fill(
  schema: JsonValue | object | undefined,
  value: JsonValue | undefined,
): JsonValue | undefined {
  if (!isObject(schema)) {
    return value;
  }
  const filled = value ?? schema.default;
  if (Array.isArray(filled)) {
    return filled.map(item => fill(schema.items, item) ?? item);
  }
  const { properties } = schema;
  if (!isObject(filled) || !isObject(properties)) {
    return filled;
  }
  const result = { ...filled };
  for (const [name, property] of Object.entries(properties)) {
    const inner = fill(property, filled[name]);
    if (inner !== undefined) {
      result[name] = inner;
    }
  }
  return result;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
