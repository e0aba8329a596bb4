import type { IncomingMessage, ServerResponse } from 'node:http';
import { RegistryError } from './RegistryError';

/** One request with its answer. @internal */
export interface RegistryExchange {
  request: IncomingMessage;
  response: ServerResponse;
  query: URLSearchParams;
  method: string;
}

/** Answers with a JSON document. @internal */
export function sendJson(
  { response, method }: RegistryExchange,
  status: number,
  document: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(JSON.stringify(document));
  response.writeHead(status, {
    'content-type': 'application/json',
    ...headers,
    'content-length': String(body.length),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** Answers with headers alone. @internal */
export function sendEmpty(
  { response }: RegistryExchange,
  status: number,
  headers: Record<string, string> = {},
): void {
  response.writeHead(
    status,
    status === 204 ? headers : { ...headers, 'content-length': '0' },
  );
  response.end();
}

/** Answers with an OCI error document. @internal */
export function sendError(
  exchange: RegistryExchange,
  error: RegistryError,
): void {
  sendJson(
    exchange,
    error.status,
    { errors: [{ code: error.code, message: error.message }] },
    error.headers,
  );
}

/** @internal */
export function methodNotAllowed(allow: string): RegistryError {
  return new RegistryError(405, 'UNSUPPORTED', 'method not allowed', { allow });
}
