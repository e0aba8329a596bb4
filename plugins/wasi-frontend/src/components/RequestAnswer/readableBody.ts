import type { InvokeAnswer } from '@wasi-functions/backstage-plugin-wasi-common';

/** The body of an answer as it is shown. */
export type ReadableBody =
  | { kind: 'empty' }
  | { kind: 'text'; text: string }
  | { kind: 'binary'; size: number };

/** JSON is indented, text is left alone, and what is not text is only measured. */
export function readableBody(answer: InvokeAnswer): ReadableBody {
  if (answer.body === '') {
    return { kind: 'empty' };
  }
  if (answer.encoding === 'base64') {
    const padding = /=*$/.exec(answer.body)?.[0].length ?? 0;
    return {
      kind: 'binary',
      size: Math.floor((answer.body.length * 3) / 4) - padding,
    };
  }
  const type = answer.headers
    .find(([name]) => name.toLowerCase() === 'content-type')?.[1]
    .toLowerCase();
  if (type?.includes('json')) {
    try {
      return {
        kind: 'text',
        text: JSON.stringify(JSON.parse(answer.body), undefined, 2),
      };
    } catch {
      // Cut off, or not JSON after all: shown as it came.
    }
  }
  return { kind: 'text', text: answer.body };
}
