import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';

const TABLE = 'sync_runs';
const ID = 'sync';
const LEASE_MS = 15_000;
const BEAT_MS = 3_000;

interface RunRow {
  id: string;
  backend: string | null;
  beat: number;
  runs: number;
}

/**
 * Lets one backend of all run at a time, and another one take over soon after
 * that one has died.
 *
 * The scheduler's own lock is held until a run would have timed out, which may
 * be long after its backend was killed. Silence is measured by a counter and
 * the observer's own uptime, so that clocks that differ do no harm.
 *
 * @internal
 */
export class RunLease {
  readonly #knex: Knex;
  readonly #uptimeMs: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #beatMs: number;
  readonly #backend = randomUUID();
  #isHeld = false;
  /** Whole runs of all backends when this one last looked. */
  #runs: number | undefined;
  /** Since when the one that runs has been silent. */
  #silent: { backend: string; beat: number; since: number } | undefined;

  constructor(options: {
    knex: Knex;
    /** Never goes back, other than the time of day. */
    uptimeMs: () => number;
    wait: (ms: number, signal: AbortSignal) => Promise<void>;
    beatMs?: number;
  }) {
    this.#knex = options.knex;
    this.#uptimeMs = options.uptimeMs;
    this.#wait = options.wait;
    this.#beatMs = options.beatMs ?? BEAT_MS;
  }

  /**
   * Does the work once no other backend does, unless one has done it since the
   * last time. The signal of the work is aborted where the lease is lost.
   */
  async run(options: {
    work: (signal: AbortSignal) => Promise<void>;
    /** Whether there is something to do whoever ran before. */
    isAsked: () => Promise<boolean>;
    signal: AbortSignal;
  }): Promise<void> {
    const { work, isAsked, signal } = options;
    let state = await this.#take(isAsked);
    while (state === 'busy') {
      await this.#wait(this.#beatMs, signal);
      state = await this.#take(isAsked);
    }
    if (state === 'taken') {
      await this.#hold(work, signal);
    }
  }

  async #take(
    isAsked: () => Promise<boolean>,
  ): Promise<'taken' | 'busy' | 'done'> {
    await this.#knex<RunRow>(TABLE)
      .insert({ id: ID, beat: 0, runs: 0 })
      .onConflict('id')
      .ignore();
    const row = (await this.#knex<RunRow>(TABLE).where({ id: ID }).first())!;
    if (row.backend !== null) {
      return this.#isLeft(row) && (await this.#claim(row)) ? 'taken' : 'busy';
    }
    const isDone = this.#runs !== undefined && this.#runs !== row.runs;
    if (isDone && !(await isAsked())) {
      this.#runs = row.runs;
      return 'done';
    }
    return (await this.#claim(row)) ? 'taken' : 'busy';
  }

  #isLeft({ backend, beat }: RunRow): boolean {
    if (backend === this.#backend) {
      // The database did not take that it was given back.
      return !this.#isHeld;
    }
    const now = this.#uptimeMs();
    if (this.#silent?.backend !== backend || this.#silent.beat !== beat) {
      this.#silent = { backend: backend!, beat, since: now };
    }
    return now - this.#silent.since >= LEASE_MS;
  }

  async #claim({ backend, beat, runs }: RunRow): Promise<boolean> {
    const changed = await this.#knex<RunRow>(TABLE)
      .where({ id: ID, backend, beat })
      .update({ backend: this.#backend, beat: beat + 1 });
    if (changed > 0) {
      this.#runs = runs;
    }
    return changed > 0;
  }

  async #hold(
    work: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const lost = new AbortController();
    let heard = this.#uptimeMs();
    const beat = async () => {
      try {
        if ((await this.#mine().increment('beat', 1)) === 0) {
          lost.abort(new Error('Another backend has taken over.'));
        }
        heard = this.#uptimeMs();
      } catch (error) {
        // A database that is away for a moment is told by what needs it.
        if (this.#uptimeMs() - heard >= LEASE_MS - 2 * this.#beatMs) {
          lost.abort(error);
        }
      }
    };
    this.#isHeld = true;
    const timer = setInterval(beat, this.#beatMs).unref();
    let runs = this.#runs ?? 0;
    try {
      await work(AbortSignal.any([signal, lost.signal]));
      runs += 1;
    } finally {
      clearInterval(timer);
      this.#isHeld = false;
      this.#runs = runs;
      await this.#mine()
        .update({ backend: null, runs })
        .catch(() => {
          // Taken back at the next run, or left to the others after a while.
        });
    }
  }

  #mine() {
    return this.#knex<RunRow>(TABLE).where({
      id: ID,
      backend: this.#backend,
    });
  }
}
