import type { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';

/** One change of one object, under the version that it made. @internal */
export interface ObjectChange<T> {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

/** What happened to one resource of a cluster, for watches to go on from. @internal */
export class ObjectHistory<T> {
  readonly #stamp: (object: T, resourceVersion: string) => T;
  readonly #watchers = new Set<() => void>();
  readonly #cuts = new Set<(error: WasiError) => void>();
  #changes: ObjectChange<T>[] = [];
  #version = 100;
  #oldest = 0;

  constructor(stamp: (object: T, resourceVersion: string) => T) {
    this.#stamp = stamp;
  }

  /** Version of the latest change. */
  get version(): number {
    return this.#version;
  }

  /** Answers the object as of this change. */
  add(type: ObjectChange<T>['type'], object: T): T {
    this.#version += 1;
    const changed = copy(this.#stamp(object, String(this.#version)));
    this.#changes.push({ version: this.#version, type, object: changed });
    for (const wake of [...this.#watchers]) {
      wake();
    }
    return copy(changed);
  }

  forget(): void {
    this.#changes = [];
    this.#oldest = this.#version + 1;
    this.#version += 1;
  }

  /** Makes every `follow` that is open fail with this error. */
  cut(error: WasiError): void {
    for (const cut of [...this.#cuts]) {
      cut(error);
    }
  }

  isForgotten(version: number): boolean {
    return version < this.#oldest;
  }

  /** Says that it is open, then every change after a version as it comes, until the signal aborts. */
  async *follow(
    version: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<{ type: 'OPENED' } | ObjectChange<T>, void, void> {
    let seen = version;
    let cutWith: WasiError | undefined;
    let wake = () => {};
    const woken = () => wake();
    const untilWoken = () =>
      new Promise<void>(resolve => {
        wake = resolve;
      });
    const cut = (error: WasiError) => {
      cutWith = error;
      wake();
    };
    this.#watchers.add(woken);
    this.#cuts.add(cut);
    signal?.addEventListener('abort', woken);
    try {
      yield { type: 'OPENED' };
      while (!signal?.aborted) {
        const change = this.#firstAfter(seen);
        if (cutWith) {
          throw cutWith;
        }
        if (!change) {
          await untilWoken();
          continue;
        }
        seen = change.version;
        yield { ...change, object: copy(change.object) };
      }
    } finally {
      this.#watchers.delete(woken);
      this.#cuts.delete(cut);
      signal?.removeEventListener('abort', woken);
    }
  }

  #firstAfter(version: number): ObjectChange<T> | undefined {
    return this.#changes.find(change => change.version > version);
  }
}

/** @internal */
export function copy<T>(object: T): T {
  return JSON.parse(JSON.stringify(object));
}
