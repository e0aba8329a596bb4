import {
  WasiError,
  type CloudEventAnswer,
  type InvokeRequest,
} from '@wasi-functions/backstage-plugin-wasi-common';

// What the names of attributes are made of:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#naming-conventions
const ATTRIBUTE_HEADER = /^ce-([a-z0-9]+)$/i;
const REQUIRED = ['id', 'source', 'specversion', 'type'];

/**
 * The headers of a CloudEvent in binary mode, added to those that the user typed,
 * which may say further attributes of it.
 *
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 *
 * @internal
 */
export function eventHeaders(
  event: NonNullable<InvokeRequest['cloudEvent']> & { id: string },
  typed: Record<string, string>,
): Record<string, string> {
  const { type, source, id, subject, dataContentType } = event;
  const attributes = {
    'ce-specversion': '1.0',
    'ce-type': type,
    'ce-source': source,
    'ce-id': id,
    ...(subject !== undefined && { 'ce-subject': subject }),
  };
  const headers: Record<string, string> = {
    ...(dataContentType !== undefined && { 'content-type': dataContentType }),
  };
  for (const [name, value] of Object.entries(attributes)) {
    headers[name] = encode(value);
  }
  for (const [name, value] of Object.entries(typed)) {
    const key = name.toLowerCase();
    if (Object.hasOwn(headers, key)) {
      throw unsendable(`"${name}" is said by the CloudEvent as well.`);
    }
    if (key.startsWith('ce-') && !ATTRIBUTE_HEADER.test(key)) {
      throw unsendable(
        `"${name}" is no attribute of a CloudEvent: its name may have a–z and 0–9 only.`,
      );
    }
    headers[name] = value;
  }
  return headers;
}

/**
 * The CloudEvent that an answer is, in either mode.
 *
 * @returns undefined where it is none, or lacks what each must have
 * @internal
 */
export function readEvent(
  headers: readonly (readonly [string, string])[],
  body: string,
): CloudEventAnswer | undefined {
  const contentType = headers.find(
    ([name]) => name.toLowerCase() === 'content-type',
  )?.[1];
  if (/^application\/cloudevents\+json\s*(;|$)/i.test(contentType ?? '')) {
    return complete('structured', structuredAttributes(body));
  }
  const attributes: [string, string][] = headers.flatMap(([name, value]) => {
    const attribute = ATTRIBUTE_HEADER.exec(name)?.[1].toLowerCase();
    return attribute ? [[attribute, decode(value)]] : [];
  });
  if (contentType !== undefined) {
    attributes.push(['datacontenttype', contentType]);
  }
  return complete('binary', attributes);
}

function complete(
  mode: CloudEventAnswer['mode'],
  entries: [string, string][],
): CloudEventAnswer | undefined {
  const attributes = Object.fromEntries(entries);
  return REQUIRED.every(name => attributes[name])
    ? { mode, attributes }
    : undefined;
}

function structuredAttributes(body: string): [string, string][] {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    // Not an event then, whatever its type says; the body is shown as it is.
    return [];
  }
  return typeof event === 'object' && event !== null
    ? Object.entries(event).flatMap<[string, string]>(([name, value]) =>
        /^[a-z0-9]+$/.test(name) &&
        !['data', 'data_base64'].includes(name) &&
        ['string', 'number', 'boolean'].includes(typeof value)
          ? [[name, String(value)]]
          : [],
      )
    : [];
}

// Space, quote, percent and all that is not printable ASCII; so no value ends its line.
function encode(value: string): string {
  return value.replace(/[^\x21\x23\x24\x26-\x7e]/gu, encodeURIComponent);
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Sent as it is by one that does not encode.
    return value;
  }
}

function unsendable(message: string): WasiError {
  return new WasiError('INPUT_INVALID', {
    message,
    remedy: 'Correct the headers or the event.',
  });
}
