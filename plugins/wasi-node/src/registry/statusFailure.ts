import { formatImageReference } from '@wasi-functions/backstage-plugin-wasi-common';
import { z } from 'zod';
import { parseJson } from './parseJson';
import { RegistryFailure } from './RegistryFailure';
import type { RegistryTarget } from './registryTarget';
import { readBody, headerOf } from './readBody';
import { readRetryAfter } from './retry';
import type { TransportResponse } from './transport';

const maxErrorBytes = 64 * 1024;
const longestMessage = 300;

const errorsSchema = z.looseObject({
  errors: z
    .array(
      z.looseObject({
        code: z.string().optional(),
        message: z.string().optional(),
      }),
    )
    .min(1),
});

/** Takes what must stay secret out of a text. */
export type Redact = (text: string) => string;

/**
 * Turns a refusal into an error that says what failed, on what, and what the
 * registry gave as the reason.
 */
export async function statusFailure(
  response: TransportResponse,
  options: {
    target: RegistryTarget;
    /** `push to`, `read`, … */
    action: string;
    /** Whether the request had credentials. */
    loggedIn: boolean;
    redact: Redact;
    signal?: AbortSignal;
  },
): Promise<RegistryFailure> {
  const { target, action, redact } = options;
  const { status } = response;
  const reason = await readReason(response, redact, options.signal);
  const where = formatImageReference(target.reference);
  const because = reason ? `: ${reason}` : '';
  const afterMs = readRetryAfter(headerOf(response, 'retry-after'), Date.now());
  switch (status) {
    case 401:
      return new RegistryFailure('REGISTRY_UNAUTHENTICATED', {
        status,
        message: options.loggedIn
          ? `Registry ${target.host} does not accept the configured credentials to ${action} ${where}${because}`
          : `Registry ${target.host} asks for a login to ${action} ${where}${because}`,
        remedy: options.loggedIn
          ? 'Correct the credentials of this host under `wasi.registries` or in `wasi.dockerConfig`.'
          : undefined,
      });
    case 403:
      return new RegistryFailure('REGISTRY_FORBIDDEN', {
        status,
        message: `Registry ${target.host} does not let this account ${action} ${where}${because}`,
      });
    case 404:
      return new RegistryFailure('REGISTRY_NOT_FOUND', {
        status,
        message: `Registry ${target.host} has nothing to ${action} at ${where}${because}`,
      });
    case 405:
      return new RegistryFailure('REGISTRY_UNEXPECTED', {
        status,
        message: `Registry ${target.host} does not know how to ${action} ${where}${because}`,
        remedy:
          'Use a registry that takes uploads; a mirror or cache often does not.',
      });
    case 413:
      return new RegistryFailure('REGISTRY_TOO_LARGE', {
        status,
        message: `Registry ${target.host}, or a proxy before it, refuses the size of what is sent to ${where}${because}`,
      });
    case 429:
      return new RegistryFailure('REGISTRY_RATE_LIMITED', {
        status,
        again: { afterMs },
        message: `Registry ${target.host} limits how often it is asked${because}`,
        remedy:
          afterMs === undefined
            ? undefined
            : `Try again in ${Math.ceil(afterMs / 1000)} seconds.`,
      });
    default:
      return new RegistryFailure('REGISTRY_UNEXPECTED', {
        status,
        again: [408, 500, 502, 503, 504].includes(status)
          ? { afterMs }
          : undefined,
        message: `Registry ${target.host} answered ${status} to the attempt to ${action} ${where}${because}`,
      });
  }
}

async function readReason(
  response: TransportResponse,
  redact: Redact,
  signal?: AbortSignal,
): Promise<string | undefined> {
  let text: string;
  try {
    const bytes = await readBody(response, {
      maxBytes: maxErrorBytes,
      what: 'an error',
      signal,
    });
    text = bytes.toString('utf8');
  } catch {
    // The status alone tells the story; the reason would only have adorned it.
    return undefined;
  }
  const parsed = errorsSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    return undefined;
  }
  const [{ code, message }] = parsed.data.errors;
  // Redacted first: cutting must not leave half a secret.
  return redact([code, message].filter(Boolean).join(' '))
    .replace(/[\p{C}\s]+/gu, ' ')
    .slice(0, longestMessage)
    .trim();
}
