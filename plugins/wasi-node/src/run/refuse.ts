import type { ServerResponse } from 'node:http';

/**
 * Answers for a module that cannot.
 *
 * @internal
 */
export function refuse(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'text/plain', ...headers });
  response.end(`${message}\n`);
}
