import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import type { DeploymentCursor } from './DeploymentStore';

const cursorSchema = z.object({
  startedAt: z.iso.datetime(),
  id: z.string().max(36),
});

/** @internal */
export function writeCursor({ startedAt, id }: DeploymentCursor): string {
  return Buffer.from(JSON.stringify({ startedAt, id })).toString('base64url');
}

/** @internal */
export function readCursor(text: string): DeploymentCursor {
  const json = Buffer.from(text, 'base64url').toString();
  const parsed = cursorSchema.safeParse(toJson(json));
  if (!parsed.success) {
    throw new WasiError('INPUT_INVALID', {
      message: 'The cursor is none that this list has given.',
      remedy: 'Load the list from its beginning.',
    });
  }
  return parsed.data;
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no cursor, which the schema tells.
    return undefined;
  }
}
