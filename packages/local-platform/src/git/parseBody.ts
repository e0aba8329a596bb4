import { z } from 'zod';
import { GitHostError } from './GitHostError';

/** Reads the body of a request, or tells what is wrong with it. @internal */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) {
    throw new GitHostError(422, z.prettifyError(result.error));
  }
  return result.data;
}
