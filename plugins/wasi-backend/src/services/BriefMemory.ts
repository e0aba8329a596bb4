const MAX_OWNERS = 1_000;
const MAX_PER_OWNER = 50;

/**
 * Keeps answers for the moment that several askers of one owner ask the same in,
 * and no longer: what nobody asks for is dropped as well.
 *
 * @internal
 */
export class BriefMemory<T> {
  readonly #keptMs: number;
  readonly #owners = new Map<string, Map<string, Promise<T>>>();

  constructor(options: { keptMs: number }) {
    this.#keptMs = options.keptMs;
  }

  /** What is on its way or kept, else what `ask` answers. */
  read(
    place: { owner: string; key: string },
    ask: () => Promise<T>,
  ): Promise<T> {
    const { owner, key } = place;
    const kept = this.#owners.get(owner) ?? new Map<string, Promise<T>>();
    const known = kept.get(key);
    if (known) {
      return known;
    }
    const answer = ask();
    kept.set(key, answer);
    dropOldest(kept, MAX_PER_OWNER);
    this.#owners.set(owner, kept);
    dropOldest(this.#owners, MAX_OWNERS);
    const drop = () => {
      if (kept.get(key) === answer) {
        kept.delete(key);
      }
      if (kept.size === 0 && this.#owners.get(owner) === kept) {
        this.#owners.delete(owner);
      }
    };
    answer.then(
      // The process need not live for it.
      () => setTimeout(drop, this.#keptMs).unref(),
      drop,
    );
    return answer;
  }

  /** The owner's next read asks anew, whatever is on its way. */
  forget(owner: string): void {
    this.#owners.delete(owner);
  }
}

// A Map lists its keys in the order in which they came.
function dropOldest(entries: Map<string, unknown>, size: number): void {
  if (entries.size > size) {
    entries.delete(entries.keys().next().value!);
  }
}
