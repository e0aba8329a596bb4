import type { ServerResponse } from 'node:http';

/**
 * Puts warnings beside the answer, whatever it will be.
 *
 * https://www.rfc-editor.org/rfc/rfc7234#section-5.5
 */
export function warn(response: ServerResponse, texts: string[]): void {
  for (const text of new Set(texts)) {
    response.appendHeader(
      'Warning',
      `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`,
    );
  }
}
