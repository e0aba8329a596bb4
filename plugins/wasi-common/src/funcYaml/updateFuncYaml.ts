import {
  type Document,
  isNode,
  isScalar,
  Scalar,
  stringify,
  visit,
} from 'yaml';
import { WasiError } from '../diagnosis';
import { openFuncYaml } from './openFuncYaml';
import type { FuncYamlEdit } from './types';
import type { AliasTargets } from './walkFuncYaml';

/**
 * Changes fields of a func.yaml and keeps everything else: comments, unknown
 * fields and, where one plain value replaces another, every other byte.
 *
 * @throws {@link WasiError} `FUNC_YAML_SYNTAX` where the text is not YAML,
 * `FUNC_YAML_TOO_LARGE`, `FUNC_YAML_INVALID` where the value cannot stand there
 * @public
 */
export function updateFuncYaml(text: string, edits: FuncYamlEdit[]): string {
  return edits.reduce(applyEdit, text);
}

function applyEdit(text: string, edit: FuncYamlEdit): string {
  const { document, aliasTargets, report } = openFuncYaml(text, {
    keepSourceTokens: true,
  });
  const fault = report.findings.find(({ severity }) => severity === 'error');
  if (!document || fault) {
    throw new WasiError(fault?.code ?? 'FUNC_YAML_SYNTAX', {
      message: `func.yaml cannot be changed at ${printPath(edit)}: ${
        fault?.message ?? 'it is no YAML'
      }`,
      remedy: fault?.remedy,
    });
  }
  try {
    refuseAnchored(document, edit.path, aliasTargets);
    const inPlace = replaceInPlace(text, document, edit);
    if (inPlace !== undefined) {
      return inPlace;
    }
    if (edit.value === undefined) {
      document.deleteIn(edit.path);
    } else {
      document.setIn(edit.path, document.createNode(edit.value));
    }
    return print(document, text);
  } catch (error) {
    throw new WasiError('FUNC_YAML_INVALID', {
      message: `func.yaml cannot be changed at ${printPath(edit)}: ${
        error instanceof Error ? error.message : 'unexpected structure'
      }`,
      cause: error,
    });
  }
}

/** With the line ends and the byte order mark that the text has. */
function print(document: Document, text: string): string {
  const printed = document.toString({
    lineWidth: 0,
    indentSeq: !/^( *)[\w-]+:[^\n]*\n\1- /m.test(text),
  });
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const isWindows = /\r\n/.test(text) && !/(?<!\r)\n/.test(text);
  return `${mark}${isWindows ? printed.replace(/\n/g, '\r\n') : printed}`;
}

/** What aliases repeat is not changed: they would change with it, or stand for nothing. */
function refuseAnchored(
  document: Document,
  path: FuncYamlEdit['path'],
  aliasTargets: AliasTargets,
): void {
  const targets = new Set<unknown>(aliasTargets.values());
  if (targets.size === 0) {
    return;
  }
  const refuseTarget = (node: unknown) => {
    if (targets.has(node)) {
      throw new Error('an alias repeats what stands there');
    }
  };
  path.forEach((_, depth) =>
    refuseTarget(document.getIn(path.slice(0, depth), true)),
  );
  const changed = document.getIn(path, true);
  if (isNode(changed)) {
    visit(changed, { Node: (_, node) => refuseTarget(node) });
  }
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
