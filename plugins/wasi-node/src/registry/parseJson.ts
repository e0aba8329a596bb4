/**
 * What a text says as JSON, for a schema to judge: undefined where it is none.
 *
 * The reason is not told: it would repeat the text, and a secret may be in it.
 */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
