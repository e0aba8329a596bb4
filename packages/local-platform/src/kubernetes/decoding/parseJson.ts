import type { Json } from '../schema/Schema';
import { JsonScanner } from './JsonScanner';

/** A value that was sent, and what a strict reader finds fault with. */
export interface Parsed {
  value: Json;
  faults: string[];
}

/**
 * Reads JSON as kube-apiserver does: what is none is told in its words, and
 * a field that is named twice is no error by itself.
 *
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): Parsed {
  const again = new JsonScanner(text).scan();
  return {
    value: JSON.parse(text) as Json,
    faults: again.map(path => `duplicate field "${path}"`),
  };
}
