import {
  deriveHealth,
  WasiError,
  type Condition,
  type ModuleEvent,
  type ModuleHealth,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { followModules } from '../cluster';
import { describeWait } from './describeWait';
import type { WaitForModuleOptions } from './types';

const LOG_LINES = 20;

/** What is known while waiting, and what ends it. @internal */
export class ModuleWait {
  readonly #options: WaitForModuleOptions;
  readonly #done: AbortSignal;
  #module: WasmModule | undefined;
  #events: ModuleEvent[] = [];
  #problem: WasiError | undefined;
  #told = '';

  constructor(options: WaitForModuleOptions, done: AbortSignal) {
    this.#options = options;
    this.#done = done;
  }

  async follow(): Promise<WasmModule> {
    const { client, ref, backOff } = this.#options;
    const events = followModules({
      client,
      selection: ref,
      signal: this.#done,
      backOff,
    });
    for await (const event of events) {
      this.#problem = event.type === 'PROBLEM' ? event.error : undefined;
      switch (event.type) {
        case 'LISTED': {
          const found = event.list.items.find(
            module => module.metadata.name === ref.name,
          );
          if (!found) {
            throw this.#deleted();
          }
          if (await this.#look(found)) {
            return found;
          }
          break;
        }
        case 'CHANGED':
          if (await this.#look(event.module)) {
            return event.module;
          }
          break;
        case 'DELETED':
          throw this.#deleted();
        case 'REJECTED':
          throw new WasiError('CLUSTER_UNEXPECTED', {
            message: event.rejected.finding.message,
          });
        case 'PROBLEM':
          if (!isPassing(event.error)) {
            throw event.error;
          }
          break;
        default:
      }
    }
    return new Promise(() => {});
  }

  /** Events tell causes that no condition does, and may come after it. */
  async readEvents(): Promise<void> {
    if (!this.#module) {
      return;
    }
    const { client, ref } = this.#options;
    try {
      this.#events = await client.events(ref, {
        uid: this.#module.metadata.uid,
        signal: this.#done,
      });
    } catch {
      // Conditions decide without them; an account may not be allowed to read events.
      return;
    }
    if (!this.#done.aborted) {
      await this.#look(this.#module);
    }
  }

  async failAtDeadline(): Promise<void> {
    const { timeoutMs } = this.#options;
    throw new WasiError('MODULE_NOT_READY_IN_TIME', {
      message: `${this.#what()} did not become ready within ${Math.round(
        timeoutMs / 1000,
      )} s. ${describeWait({
        condition: this.#condition(),
        health: this.#module && this.#health(this.#module),
        problem: this.#problem,
        logs: await this.#logs(),
      })}`,
      remedy:
        (this.#problem ?? (this.#module && this.#health(this.#module)))
          ?.remedy ?? undefined,
    });
  }

  async failOnAbort(): Promise<void> {
    throw new WasiError('MODULE_WAIT_ABORTED', {
      message: `Waiting for ${this.#what()} was cancelled.`,
    });
  }

  /** True where the module is ready; throws where it has failed for good. */
  async #look(module: WasmModule): Promise<boolean> {
    this.#requireSame(module);
    this.#module = module;
    const health = this.#health(module);
    this.#tell(health);
    if (!this.#isObserved(module)) {
      return false;
    }
    const ready = this.#condition()?.status === 'True';
    if (!ready && health.state === 'failed') {
      throw new WasiError(health.code ?? 'MODULE_REVISION_FAILED', {
        message: `${this.#what()} failed. ${describeWait({
          condition: this.#condition(),
          health,
          logs: await this.#logs(),
        })}`,
        remedy: health.remedy,
      });
    }
    return ready;
  }

  /** A module of the same name that was created since is not the one waited for. */
  #requireSame(module: WasmModule): void {
    const { uid, generation = 1, deletionTimestamp } = module.metadata;
    if (deletionTimestamp !== undefined) {
      throw this.#deleted('is being deleted');
    }
    if (
      (this.#module && this.#module.metadata.uid !== uid) ||
      generation < this.#options.generation
    ) {
      throw this.#deleted('was deleted and created anew');
    }
  }

  #tell(health: ModuleHealth): void {
    const condition = this.#condition();
    const told = JSON.stringify([
      condition?.status,
      condition?.reason,
      condition?.message,
      health.state,
    ]);
    if (told !== this.#told) {
      this.#told = told;
      this.#options.onCondition?.(condition, health);
    }
  }

  #health(module: WasmModule): ModuleHealth {
    return deriveHealth(module, { events: this.#events });
  }

  // A condition of an earlier generation says nothing about this one.
  #condition(): Condition | undefined {
    return this.#module && this.#isObserved(this.#module)
      ? this.#module.status?.conditions?.find(({ type }) => type === 'Ready')
      : undefined;
  }

  #isObserved(module: WasmModule): boolean {
    const { generation } = this.#options;
    return (module.status?.observedGeneration ?? 0) >= generation;
  }

  async #logs(): Promise<string[]> {
    const { client, ref } = this.#options;
    try {
      return await client.logs(ref, {
        tailLines: LOG_LINES,
        signal: AbortSignal.timeout(5_000),
      });
    } catch {
      // The failure that is being told matters more than that its logs are missing.
      return [];
    }
  }

  #deleted(what = 'was deleted'): WasiError {
    return new WasiError('MODULE_DELETED', {
      message: `${this.#what()} ${what} while waiting for it.`,
    });
  }

  #what(): string {
    const { client, ref } = this.#options;
    return `WasmModule ${ref.namespace}/${ref.name} on cluster "${client.cluster}"`;
  }
}

// A cluster may come back before the deadline; a refusal stays one.
function isPassing(error: WasiError): boolean {
  return (
    error.code === 'CLUSTER_UNREACHABLE' ||
    error.code === 'CLUSTER_UNEXPECTED' ||
    error.code === 'CLUSTER_BUSY'
  );
}
