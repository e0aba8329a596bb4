import { validateHeaderName, validateHeaderValue } from 'node:http';
import {
  invokeRequestSchema,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { z } from 'zod';

const requestSchema = invokeRequestSchema
  .refine(
    ({ path, headers }) =>
      !/[^\u0021-\u00ff]/.test(path) &&
      Object.entries(headers).every(canBeSent),
    'has a character that cannot be sent',
  )
  .refine(({ cloudEvent }) => cloudEvent === undefined, {
    path: ['cloudEvent'],
    message: 'is for modules that are deployed; write its headers instead',
  });

/**
 * Reads what a component is asked: what the portal's page could ask it too.
 *
 * @throws WasiError INPUT_INVALID
 * @internal
 */
export function readTrialRequest(
  input: unknown,
): z.output<typeof invokeRequestSchema> {
  const { data, error } = requestSchema.safeParse(input);
  if (!data) {
    throw new WasiError('INPUT_INVALID', {
      message: `The request cannot be sent: ${error.issues
        .map(
          ({ path, message }) =>
            `${['request', ...path].join('.')}: ${message}`,
        )
        .join('; ')}.`,
    });
  }
  return data;
}

function canBeSent([name, value]: [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    // The name of the rule that it breaks says nothing to a user.
    return false;
  }
}
