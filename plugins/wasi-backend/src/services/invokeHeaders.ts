import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

const MAX_HEADERS = 100;

// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// These are ours to set.
const NOT_SENT = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'expect',
  'accept-encoding',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

const NOT_SHOWN = new Set([...HOP_BY_HOP, 'set-cookie', 'set-cookie2']);

/**
 * The headers to send: those the user typed, less those that are not a user's to set.
 *
 * @internal
 */
export function requestHeaders(
  typed: Record<string, string>,
  body: Buffer | undefined,
): Record<string, string> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(typed)) {
    if (
      !/^[!#$%&'*+.^_`|~0-9a-z-]+$/i.test(name) ||
      /[^\t\x20-\x7e\x80-\xff]/.test(value)
    ) {
      throw new WasiError('INPUT_INVALID', {
        message: `"${name}" is no header that can be sent.`,
        remedy: 'Correct its name or value.',
      });
    }
    if (!NOT_SENT.has(name.toLowerCase())) {
      headers[name] = value;
    }
  }
  if (body) {
    headers['content-length'] = String(body.length);
  }
  return headers;
}

/**
 * The headers to show, in the order they came.
 *
 * A module's cookies are left out: shown in the portal they could only be copied.
 *
 * @internal
 */
export function responseHeaders(raw: string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length && headers.length < MAX_HEADERS; i += 2) {
    if (!NOT_SHOWN.has(raw[i].toLowerCase())) {
      headers.push([raw[i], raw[i + 1]]);
    }
  }
  return headers;
}
