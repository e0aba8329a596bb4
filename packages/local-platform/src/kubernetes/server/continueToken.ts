import { jsonName } from '../decoding/goTypes';
import { JsonSyntaxError } from '../decoding/JsonSyntaxError';
import { parseJson } from '../decoding/parseJson';
import { isObject } from '../schema/Schema';
import { badRequest } from '../status/refusals';

/** Where a list goes on. */
export interface Page {
  version: number;
  /** The object that the page before ended with: its namespace and its name. */
  after: string;
}

const ENCODING = 'meta.k8s.io/v1';

/** The token that a client gets to go on with. */
export function writePage({ version, after }: Page, namespace: string): string {
  return Buffer.from(
    JSON.stringify({
      v: ENCODING,
      rv: version,
      // The first that may come: there is none between it and the one before.
      start: `${withoutPrefix(after, namespace)}\0`,
    }),
  ).toString('base64url');
}

/**
 * Reads a token that a client sends back.
 *
 * @throws KubernetesStatusError 400
 */
export function readPage(
  token: string | null,
  namespace: string,
): Page | undefined {
  if (!token) {
    return undefined;
  }
  const { v, rv, start } = decode(token);
  if (v !== ENCODING) {
    throw refuse(
      `server does not recognize this encoded version ${String(v ?? '')}`,
    );
  }
  if (rv === 0 || rv === undefined) {
    throw refuse(
      `incorrect encoded start resourceVersion (version ${ENCODING})`,
    );
  }
  if (!start) {
    throw refuse(`encoded start key empty (version ${ENCODING})`);
  }
  const after = String(start).replace(/\0$/, '');
  return {
    version: Number(rv),
    after: namespace ? `${namespace}/${after}` : withNamespace(after),
  };
}

function decode(token: string): { v?: unknown; rv?: unknown; start?: unknown } {
  const wrong = /[^A-Za-z0-9_-]/.exec(token);
  if (wrong) {
    throw refuse(`illegal base64 data at input byte ${wrong.index}`);
  }
  try {
    const { value } = parseJson(
      Buffer.from(token, 'base64url').toString('utf8'),
    );
    if (!isObject(value)) {
      throw refuse(
        `json: cannot unmarshal ${jsonName(
          value,
        )} into Go value of type storage.continueToken`,
      );
    }
    return value;
  } catch (error) {
    throw error instanceof JsonSyntaxError ? refuse(error.message) : error;
  }
}

function refuse(why: string) {
  return badRequest(
    `invalid continue token: continue key is not valid: ${why}`,
  );
}

/** Within a namespace, and where there are none, names say it all. */
function withoutPrefix(after: string, namespace: string): string {
  return after.slice(namespace ? namespace.length + 1 : 0).replace(/^\//, '');
}

function withNamespace(after: string): string {
  return after.includes('/') ? after : `/${after}`;
}
