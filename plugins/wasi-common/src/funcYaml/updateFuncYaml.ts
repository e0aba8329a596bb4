import {
  type Document,
  isScalar,
  parseDocument,
  Scalar,
  stringify,
} from 'yaml';
import { WasiError } from '../diagnosis';
import type { FuncYamlEdit } from './types';

/**
 * Changes fields of a func.yaml and keeps everything else: comments, unknown
 * fields and, where one plain value replaces another, every other byte.
 *
 * @throws {@link WasiError} `FUNC_YAML_SYNTAX` where the text is not YAML
 * @public
 */
export function updateFuncYaml(text: string, edits: FuncYamlEdit[]): string {
  return edits.reduce(applyEdit, text);
}

function applyEdit(text: string, edit: FuncYamlEdit): string {
  const document = parseDocument(text, {
    prettyErrors: false,
    keepSourceTokens: true,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    throw new WasiError('FUNC_YAML_SYNTAX', {
      message: `func.yaml cannot be changed at ${printPath(edit)}: ${
        document.errors[0].message
      }`,
    });
  }
  const inPlace = replaceInPlace(text, document, edit);
  if (inPlace !== undefined) {
    return inPlace;
  }
  try {
    if (edit.value === undefined) {
      document.deleteIn(edit.path);
    } else {
      document.setIn(edit.path, document.createNode(edit.value));
    }
  } catch (error) {
    throw new WasiError('FUNC_YAML_INVALID', {
      message: `func.yaml cannot be changed at ${printPath(edit)}: ${
        error instanceof Error ? error.message : 'unexpected structure'
      }`,
      cause: error,
    });
  }
  return document.toString({
    lineWidth: 0,
    indentSeq: !/^( *)[\w-]+:[^\n]*\n\1- /m.test(text),
  });
}

/** A plain value on one line is cut out of the text; the rest is not printed anew. */
function replaceInPlace(
  text: string,
  document: Document,
  edit: FuncYamlEdit,
): string | undefined {
  const node = document.getIn(edit.path, true);
  if (
    edit.value === null ||
    !['string', 'number', 'boolean'].includes(typeof edit.value) ||
    !isScalar(node) ||
    !node.range ||
    node.value === null ||
    node.type === Scalar.BLOCK_FOLDED ||
    node.type === Scalar.BLOCK_LITERAL
  ) {
    return undefined;
  }
  const quoted = { [Scalar.QUOTE_DOUBLE]: true, [Scalar.QUOTE_SINGLE]: true };
  const scalar = new Scalar(edit.value);
  if (typeof edit.value === 'string' && node.type && node.type in quoted) {
    scalar.type = node.type as Scalar.Type;
  }
  // Printed as an item of a flow list, where the rules for plain text are strictest.
  const printed = stringify([scalar], {
    lineWidth: 0,
    collectionStyle: 'flow',
  })
    .trim()
    .replace(/^\[ ?/, '')
    .replace(/ ?\]$/, '');
  if (printed.includes('\n')) {
    return undefined;
  }
  const [start, end] = node.range;
  return text.slice(0, start) + printed + text.slice(end);
}

function printPath(edit: FuncYamlEdit): string {
  return edit.path.join('.');
}
