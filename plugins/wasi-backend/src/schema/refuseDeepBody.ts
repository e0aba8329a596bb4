import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { RequestHandler } from 'express';

// The deepest field of a WasmModule, in a projected volume, lies less than half so deep.
const DEEPEST = 32;

/**
 * Refuses a body whose nesting would exhaust the stack of whoever walks it.
 *
 * @internal
 */
export const refuseDeepBody: RequestHandler = (request, _response, next) => {
  // Level by level: walking it by recursion is what must not happen.
  let level: unknown[] = [request.body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) {
      throw new WasiError('INPUT_INVALID', {
        message: `The body is nested deeper than ${DEEPEST} levels.`,
        remedy: 'Send a WasmModule, or a part of one.',
      });
    }
    level = level.flatMap(value =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
  next();
};
