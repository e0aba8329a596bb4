/**
 * The name that was most likely meant, if any is near enough.
 *
 * @internal
 */
export function closestName(
  written: string,
  names: readonly string[],
): string | undefined {
  // Distances of long texts cost time and help nobody.
  if (written.length > 40) {
    return undefined;
  }
  const allowed = Math.max(1, Math.floor(written.length / 3));
  let closest: string | undefined;
  let least = allowed + 1;
  for (const name of names) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance < least) {
      closest = name;
      least = distance;
    }
  }
  return closest;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + change));
    }
    row = next;
  }
  return row[b.length];
}
