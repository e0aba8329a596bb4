import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  isWasiError,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_MESSAGE = 4_000;

interface InputSchema {
  type?: unknown;
  default?: unknown;
  properties?: Record<string, InputSchema>;
  items?: InputSchema;
}

/**
 * Gives an action what the scaffolder leaves out: the defaults of its schema,
 * and the next step behind the message of a failure.
 *
 * The scaffolder checks inputs against the schema but fills in no defaults, and
 * its page shows the message of an error alone; the stack goes into the task log,
 * where it would bury the message.
 *
 * @internal
 */
export function forUsers<Action extends TemplateAction<any, any, any>>(
  action: Action,
): Action {
  const schema = (action.schema?.input ?? {}) as InputSchema;
  return {
    ...action,
    async handler(ctx: Parameters<Action['handler']>[0]) {
      try {
        await action.handler({
          ...ctx,
          input: withDefaults(schema, ctx.input ?? {}),
        });
      } catch (error) {
        throw isWasiError(error) ? withNextStep(error) : error;
      }
    },
  };
}

function withDefaults(schema: InputSchema, value: unknown): unknown {
  if (value === undefined) {
    return schema.default === undefined
      ? undefined
      : withDefaults(schema, structuredClone(schema.default));
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map(item => withDefaults(items, item)) : value;
  }
  if (typeof value !== 'object' || value === null || !schema.properties) {
    return value;
  }
  const filled: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(schema.properties)) {
    const inner = withDefaults(property, filled[name]);
    if (inner !== undefined) {
      filled[name] = inner;
    }
  }
  return filled;
}

function withNextStep(error: WasiError): WasiError {
  const { code, message, remedy, findings, cause } = error;
  // An input that it repeats may be of any length.
  const what =
    message.length > MAX_MESSAGE
      ? `${message.slice(0, MAX_MESSAGE)}…`
      : message;
  const told = new WasiError(code, {
    message: what.includes(remedy)
      ? what
      : `${what.replace(/([^.!?:\n…])$/, '$1.')} ${remedy}`,
    remedy,
    findings,
    cause,
  });
  told.stack = `${told.name}: ${told.message}`;
  return told;
}
