import type { ModuleSection } from '@wasi-functions/backstage-plugin-wasi-common';

const SHOWN = 6;

/** A stretch of the bar. */
export interface BarPart {
  /** Absent for the rest, which has no name of its own. */
  name?: string;
  size: number;
  /** Part of the whole, 0 to 1. */
  share: number;
  /** How many sections it stands for. */
  count: number;
}

/** The largest sections one by one, the rest in one part. */
export function summarizeSections(
  sections: readonly ModuleSection[],
): BarPart[] {
  const total = sections.reduce((sum, section) => sum + section.size, 0);
  if (total === 0) {
    return [];
  }
  const sorted = [...sections].sort((a, b) => b.size - a.size);
  // A rest of one is shown under its own name.
  const shown = sorted.length === SHOWN + 1 ? SHOWN + 1 : SHOWN;
  const parts: BarPart[] = sorted.slice(0, shown).map(({ name, size }) => ({
    name,
    size,
    share: size / total,
    count: 1,
  }));
  const rest = sorted.slice(shown);
  if (rest.length > 0) {
    const size = rest.reduce((sum, section) => sum + section.size, 0);
    parts.push({ size, share: size / total, count: rest.length });
  }
  return parts;
}
