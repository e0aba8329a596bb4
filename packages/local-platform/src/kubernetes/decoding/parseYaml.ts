import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { Json } from '../schema/Schema';
import type { Parsed } from './parseJson';

/** A text is no YAML. */
export class YamlSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'YamlSyntaxError';
  }
}

/** As Go's parser words the commonest faults. */
const WORDS: [RegExp, string][] = [
  [/^Nested mappings/, 'yaml: mapping values are not allowed in this context'],
  [/^Flow map must end/, 'yaml: line 1: did not find expected node content'],
  [/^Flow sequence/, "yaml: line 1: did not find expected ',' or ']'"],
];

/**
 * Reads YAML 1.1, in which `y` and `on` are true, as kube-apiserver does.
 *
 * @throws YamlSyntaxError
 */
export function parseYaml(text: string): Parsed {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    // Go leaves instants and times of the day texts.
    customTags: tags =>
      tags.filter(
        tag =>
          typeof tag === 'string' ||
          !(tag.tag.endsWith(':timestamp') || tag.format === 'TIME'),
      ),
    lineCounter,
    prettyErrors: false,
  });
  const isAgain = ({ code }: YAMLError) => code === 'DUPLICATE_KEY';
  const fatal = document.errors.find(error => !isAgain(error));
  if (fatal) {
    const words = WORDS.find(([pattern]) => pattern.test(fatal.message));
    throw new YamlSyntaxError(words?.[1] ?? `yaml: ${fatal.message}`);
  }
  return {
    // Aliases are bounded by the library, so that a small body stays small.
    value: document.toJS({ maxAliasCount: 100 }) as Json,
    faults: document.errors.filter(isAgain).map(({ pos: [start] }) => {
      const { line } = lineCounter.linePos(start);
      const [key] = /^[^:\n]*/.exec(text.slice(start))!;
      return `line ${line}: key ${JSON.stringify(
        key.trim(),
      )} already set in map`;
    }),
  };
}
