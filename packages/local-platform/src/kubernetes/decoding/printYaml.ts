import { Document, isScalar, parse, Scalar, visit } from 'yaml';

/** Prints an answer as YAML, as kube-apiserver does: names in order, lists not indented. */
export function printYaml(value: unknown): string {
  const document = new Document(value, {
    version: '1.1',
    aliasDuplicateObjects: false,
    sortMapEntries: true,
  });
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string') {
        node.type = isMistakable(node.value) ? Scalar.QUOTE_DOUBLE : undefined;
      }
    },
  });
  document.directives = undefined as never;
  return document.toString({ indentSeq: false, singleQuote: true });
}

/** A text that would be read as something else, were it not for its quotes. */
function isMistakable(text: string): boolean {
  if (text === '' || /[\n:#]\s|[\n:]$/.test(text)) {
    return text === '';
  }
  try {
    return typeof parse(text, { version: '1.1' }) !== 'string';
  } catch {
    // Quoted for its own sake.
    return false;
  }
}
