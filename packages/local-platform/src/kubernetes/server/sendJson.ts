import type { ServerResponse } from 'node:http';
import { printYaml } from '../decoding/printYaml';
import { KubernetesStatusError } from '../status/KubernetesStatusError';
import { PageNotFound } from '../status/PageNotFound';
import { internalError } from '../status/refusals';
import { wantsYaml } from './negotiate';

/** Answers with one document: JSON, or YAML where that is asked for. */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  options: { contentType?: string } = {},
): void {
  const isYaml = wantsYaml(response.req.headers.accept);
  const bytes = Buffer.from(
    isYaml ? printYaml(body) : `${JSON.stringify(body)}\n`,
  );
  response.writeHead(code, {
    'Content-Type': isYaml
      ? 'application/yaml'
      : options.contentType ?? 'application/json',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache, private',
  });
  response.end(bytes);
}

/** Answers with a refusal; anything that is none is reported and told as an internal error. */
export function sendError(
  response: ServerResponse,
  error: unknown,
  report: (error: unknown) => void,
): void {
  if (error instanceof PageNotFound && !response.headersSent) {
    response.writeHead(404, {
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(`${error.message}\n`);
    return;
  }
  const known = error instanceof KubernetesStatusError;
  if (!known) {
    report(error);
  }
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status } = known ? error : internalError();
  if (status.code === 401) {
    response.setHeader('WWW-Authenticate', 'Bearer');
  }
  if (status.code === 413) {
    // The rest of the body is not read.
    response.setHeader('Connection', 'close');
  }
  sendJson(response, status.code, status);
}
