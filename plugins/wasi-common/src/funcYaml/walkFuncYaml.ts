import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
} from 'yaml';
import type { FuncYamlReport } from './FuncYamlReport';
import { scalarText } from './scalarText';

/** func.yaml has seven levels; what goes far beyond is refused before anything recurses into it. */
const MAX_DEPTH = 50;

/**
 * What each alias of a document stands for.
 *
 * @internal
 */
export type AliasTargets = ReadonlyMap<Alias, Node>;

/**
 * Goes through a document once, in its order: finds what its aliases stand
 * for, and reports keys that stand twice and nesting without end.
 *
 * The library looks for an anchor in the whole document for each alias, and
 * compares each key with each other: a small file keeps it busy for minutes.
 *
 * @internal
 */
export function walkFuncYaml(
  document: Document,
  report: FuncYamlReport,
): AliasTargets {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const open: { node: unknown; depth: number }[] = [
    { node: document.contents, depth: 0 },
  ];
  for (let at = open.pop(); at; at = open.pop()) {
    const { node, depth } = at;
    if (depth > MAX_DEPTH) {
      report.addAt(startOf(node), {
        code: 'FUNC_YAML_SYNTAX',
        message: 'The values are nested too deeply',
        remedy: 'Remove the nesting; func.yaml needs seven levels at most.',
      });
      report.trustedUntil = 0;
      return targets;
    }
    const inside: unknown[] = [];
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) {
        targets.set(node, target);
      }
    } else if (isPair(node)) {
      open.push({ node: node.value, depth }, { node: node.key, depth });
    } else if (isMap(node) || isSeq(node) || isScalar(node)) {
      if (node.anchor !== undefined) {
        anchors.set(node.anchor, node);
      }
      if (isMap(node)) {
        reportDuplicates(node.items, report);
      }
      inside.push(...(isScalar(node) ? [] : node.items));
    }
    for (const child of inside.reverse()) {
      open.push({ node: child, depth: depth + 1 });
    }
  }
  return targets;
}

function reportDuplicates(
  pairs: readonly { key: unknown }[],
  report: FuncYamlReport,
): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    const text = isScalar(key) ? scalarText(key) : undefined;
    if (text !== undefined && seen.has(text)) {
      report.addAt(startOf(key), {
        code: 'FUNC_YAML_SYNTAX',
        message: 'This key stands twice in the same mapping',
        remedy: 'Keep one of the two.',
      });
    } else if (text !== undefined) {
      seen.add(text);
    }
  }
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
