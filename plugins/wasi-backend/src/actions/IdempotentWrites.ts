import { createHash, randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Knex } from 'knex';

const TABLE = 'idempotent_writes';
const KEPT_MS = 24 * 60 * 60_000;
// A call ends within a minute; one that is older has ended with its backend.
const LEFT_AFTER_MS = 2 * 60_000;

interface Row {
  id: string;
  input_hash: string;
  run: string;
  answer: string | null;
  started_at: Date;
}

/** A write, by the key that its client chose. @internal */
export interface KeyedWrite {
  /** Keys of one caller mean nothing to another. */
  caller: string;
  action: string;
  key: string;
  /** The same key with another input is a mistake. */
  input: unknown;
}

/**
 * Does each write once: who repeats the key gets the first answer, also from
 * another backend and while the first call is under way.
 *
 * A write that failed is forgotten, so that it can be tried again.
 *
 * @internal
 */
export class IdempotentWrites {
  readonly #knex: Knex;
  readonly #logger: LoggerService;
  readonly #now: () => Date;
  readonly #running = new Map<
    string,
    { inputHash: string; answer: Promise<object> }
  >();

  constructor(options: {
    knex: Knex;
    logger: LoggerService;
    now?: () => Date;
  }) {
    this.#knex = options.knex;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => new Date());
  }

  /** Whether its answer is there already. */
  async isDone(write: KeyedWrite): Promise<boolean> {
    const row = await this.#stored(this.#read(idOf(write)));
    return row?.answer !== undefined && row.answer !== null;
  }

  async once<T extends object>(
    write: KeyedWrite,
    work: () => Promise<T>,
  ): Promise<T> {
    const id = idOf(write);
    const inputHash = hash(write.input);
    const running = this.#running.get(id);
    if (running) {
      requireSame(running.inputHash, inputHash, write);
      return running.answer as Promise<T>;
    }
    const answer = this.#begin(write, { id, inputHash }, work);
    this.#running.set(id, { inputHash, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(id);
    }
  }

  async #begin<T extends object>(
    write: KeyedWrite,
    { id, inputHash }: { id: string; inputHash: string },
    work: () => Promise<T>,
  ): Promise<T> {
    const run = randomUUID();
    if (!(await this.#stored(this.#claim({ id, inputHash, run })))) {
      const row = await this.#stored(this.#read(id));
      if (!row) {
        throw underWay(write);
      }
      requireSame(row.input_hash, inputHash, write);
      if (row.answer !== null) {
        return JSON.parse(row.answer) as T;
      }
      if (!(await this.#stored(this.#takeOver(row, run)))) {
        throw underWay(write);
      }
    }
    return this.#do({ id, run }, work);
  }

  async #do<T extends object>(
    { id, run }: { id: string; run: string },
    work: () => Promise<T>,
  ): Promise<T> {
    let answer: T;
    try {
      answer = await work();
    } catch (error) {
      await this.#knex(TABLE)
        .where({ id, run })
        .delete()
        .catch(failure => this.#logger.warn('A failed write is kept', failure));
      throw error;
    }
    await this.#knex(TABLE)
      .where({ id, run })
      .update({ answer: JSON.stringify(answer) })
      // It is done; who repeats it finds nothing left to change.
      .catch(failure => this.#logger.warn('A write is not kept', failure));
    return answer;
  }

  async #claim(row: {
    id: string;
    inputHash: string;
    run: string;
  }): Promise<boolean> {
    const now = this.#now();
    await this.#knex(TABLE)
      .where('started_at', '<', new Date(now.getTime() - KEPT_MS))
      .delete();
    const inserted = await this.#knex(TABLE)
      .insert({
        id: row.id,
        input_hash: row.inputHash,
        run: row.run,
        started_at: now,
      })
      .onConflict('id')
      .ignore()
      .returning('id');
    return inserted.length > 0;
  }

  async #takeOver({ id, run, started_at }: Row, by: string): Promise<boolean> {
    const now = this.#now();
    if (now.getTime() - new Date(started_at).getTime() < LEFT_AFTER_MS) {
      return false;
    }
    const changed = await this.#knex(TABLE)
      .where({ id, run })
      .whereNull('answer')
      .update({ run: by, started_at: now });
    return changed > 0;
  }

  async #read(id: string): Promise<Row | undefined> {
    const [row] = await this.#knex<Row>(TABLE).where({ id }).limit(1);
    return row as Row | undefined;
  }

  async #stored<R>(query: Promise<R>): Promise<R> {
    try {
      return await query;
    } catch (error) {
      throw new WasiError('HISTORY_UNAVAILABLE', {
        message:
          'The database of the portal cannot be used. Nothing was changed.',
        cause: error,
      });
    }
  }
}

function requireSame(known: string, given: string, { key }: KeyedWrite): void {
  if (known !== given) {
    throw new WasiError('IDEMPOTENCY_KEY_REUSED', {
      message: `The idempotency key "${key}" was used for another input.`,
    });
  }
}

function underWay({ key }: KeyedWrite): WasiError {
  return new WasiError('WRITE_UNDER_WAY', {
    message: `The call with the idempotency key "${key}" has not ended.`,
  });
}

function idOf({ caller, action, key }: KeyedWrite): string {
  return hash([caller, action, key]);
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
