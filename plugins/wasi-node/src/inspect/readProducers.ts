import type { ByteReader } from './ByteReader';

/**
 * One tool, language or SDK that a module says it was made with.
 *
 * @internal
 */
export interface Producer {
  field: string;
  name: string;
  version: string;
}

const MAX_ENTRIES = 1_000;
const MAX_LENGTH = 300;

/**
 * Reads the custom section `producers`.
 *
 * https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md
 *
 * @internal
 */
export function readProducers(reader: ByteReader): Producer[] {
  const producers: Producer[] = [];
  try {
    for (let fields = reader.u32(); fields > 0; fields--) {
      const field = reader.name();
      for (let values = reader.u32(); values > 0; values--) {
        const producer = {
          field: field.slice(0, MAX_LENGTH),
          name: reader.name().slice(0, MAX_LENGTH),
          version: reader.name().slice(0, MAX_LENGTH),
        };
        if (producers.length === MAX_ENTRIES) {
          return producers;
        }
        producers.push(producer);
      }
    }
  } catch {
    // A custom section says nothing about whether a module is valid; what was readable stays.
  }
  return producers;
}
