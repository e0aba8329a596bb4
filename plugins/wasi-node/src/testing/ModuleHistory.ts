import type {
  WasiError,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';

/** One change of one module, under the version that it made. @internal */
export interface ModuleChange {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  module: WasmModule;
}

/** What happened in a cluster, for watches to go on from. @internal */
export class ModuleHistory {
  readonly #watchers = new Set<() => void>();
  readonly #cuts = new Set<(error: WasiError) => void>();
  #changes: ModuleChange[] = [];
  #version = 100;
  #oldest = 0;

  /** Version of the latest change. */
  get version(): number {
    return this.#version;
  }

  /** Answers the module as of this change. */
  add(type: ModuleChange['type'], module: WasmModule): WasmModule {
    this.#version += 1;
    const changed = copy({
      ...module,
      metadata: {
        ...module.metadata,
        resourceVersion: String(this.#version),
      },
    });
    this.#changes.push({ version: this.#version, type, module: changed });
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
  ): AsyncGenerator<{ type: 'OPENED' } | ModuleChange, void, void> {
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
        yield { ...change, module: copy(change.module) };
      }
    } finally {
      this.#watchers.delete(woken);
      this.#cuts.delete(cut);
      signal?.removeEventListener('abort', woken);
    }
  }

  #firstAfter(version: number): ModuleChange | undefined {
    return this.#changes.find(change => change.version > version);
  }
}

/** @internal */
export function copy(module: WasmModule): WasmModule {
  return JSON.parse(JSON.stringify(module));
}
