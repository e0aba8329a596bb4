import {
  evidenceRanks,
  runtimeEvidence,
  type EvidenceRule,
} from './runtimeEvidence';

const MAX_EVIDENCE = 3;

/**
 * A file of a function's folder.
 *
 * @public
 */
export interface SourceFile {
  /** Relative to the folder, with `/`. */
  path: string;
  /** Its text, where it is small and tells something, as package.json does. */
  content?: string;
}

/**
 * A runtime that the files of a folder speak for.
 *
 * @public
 */
export interface RuntimeCandidate {
  /** As func.yaml names it. */
  runtime: string;
  /** What speaks for it, e.g. `go.mod` or `package.json with handler.js`. */
  evidence: string[];
}

/**
 * Tells from the files of a function's folder which runtime they are for.
 *
 * @param options - `source`: `build.source` of func.yaml, which outweighs what else is there.
 * @returns The runtimes that fit best: one where it is clear, none where nothing is known.
 * @public
 */
export function detectRuntime(
  files: readonly SourceFile[],
  options: { source?: string } = {},
): RuntimeCandidate[] {
  const named =
    options.source === undefined ? undefined : runtimeOfSource(options.source);
  if (named) {
    return [{ runtime: named, evidence: ['build.source'] }];
  }
  const found = gatherEvidence(files);
  const best = Math.max(...found.map(({ rank }) => rank));
  return found
    .filter(({ rank }) => rank === best)
    .map(({ runtime, evidence }) => ({ runtime, evidence }));
}

/**
 * What speaks against the runtime that func.yaml names: other runtimes that
 * the files are for, where none of them is for this one.
 *
 * @internal
 */
export function findContradiction(
  runtime: string,
  files: readonly SourceFile[],
): RuntimeCandidate[] {
  const known = runtimeEvidence[runtime];
  // A module that was built elsewhere may lie beside its own source.
  if (!known || known.rules.every(({ rank }) => rank === 'module')) {
    return [];
  }
  const found = gatherEvidence(files);
  return found.some(candidate => candidate.runtime === runtime)
    ? []
    : detectRuntime(files).filter(
        candidate => candidate.runtime !== 'prebuilt-wasi',
      );
}

function runtimeOfSource(source: string): string | undefined {
  // A module that is fetched: npm:, https: or oci:.
  if (/^[a-z][a-z0-9+.-]+:/i.test(source)) {
    return 'prebuilt-wasi';
  }
  const extension = /\.([^./\\]+)$/.exec(source)?.[1].toLowerCase();
  return Object.entries(runtimeEvidence).find(([, { extensions }]) =>
    extensions.includes(extension ?? ''),
  )?.[0];
}

function gatherEvidence(
  files: readonly SourceFile[],
): (RuntimeCandidate & { rank: number })[] {
  return Object.entries(runtimeEvidence).flatMap(([runtime, { rules }]) => {
    const found = rules.flatMap(rule => {
      const evidence = applyRule(rule, files);
      return evidence.length > 0
        ? [{ rank: evidenceRanks.indexOf(rule.rank), evidence }]
        : [];
    });
    if (found.length === 0) {
      return [];
    }
    const rank = Math.max(...found.map(each => each.rank));
    const evidence = found
      .filter(each => each.rank === rank)
      .flatMap(each => each.evidence);
    return [
      {
        runtime,
        rank,
        evidence: [...new Set(evidence)].slice(0, MAX_EVIDENCE),
      },
    ];
  });
}

function applyRule(
  { path, contains, with: beside, without }: EvidenceRule,
  files: readonly SourceFile[],
): string[] {
  if (without && files.some(file => without.test(file.path))) {
    return [];
  }
  const other = beside && files.find(file => beside.test(file.path));
  if (beside && !other) {
    return [];
  }
  return files
    .filter(
      file =>
        path.test(file.path) &&
        (!contains || contains.test(file.content ?? '')),
    )
    .map(file => (other ? `${file.path} with ${other.path}` : file.path));
}
