import {
  deriveHealth,
  WasiError,
  type Condition,
  type HealthContext,
  type ModuleHealth,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { followModules } from '../cluster';
import { describeWait } from './describeWait';
import type { WaitForModuleOptions } from './types';
import { WaitedCompanions } from './WaitedCompanions';

const LOG_LINES = 20;
const READ_EVERY_TICKS = 5;

/** What is known while waiting, and what ends it. @internal */
export class ModuleWait {
  readonly #options: WaitForModuleOptions;
  readonly #done: AbortSignal;
  #module: WasmModule | undefined;
  readonly #companions: WaitedCompanions;
  /** Ready is said, and Knative has not come to it yet. */
  #isBehind = false;
  #ticks = 0;
  #isReading = false;
  #problem: WasiError | undefined;
  #told = '';

  constructor(options: WaitForModuleOptions, done: AbortSignal) {
    this.#options = options;
    this.#done = done;
    this.#companions = new WaitedCompanions({ ...options, done });
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

  /** Called each second, for what stands beside the module; answers it once it is ready. */
  async tick(): Promise<WasmModule | undefined> {
    this.#ticks += 1;
    const isDue = this.#isBehind || this.#ticks % READ_EVERY_TICKS === 0;
    if (!this.#module || !isDue || this.#isReading) {
      return undefined;
    }
    this.#isReading = true;
    try {
      await this.#companions.read('services', 'revisions', 'events');
    } finally {
      this.#isReading = false;
    }
    const module = this.#module;
    return !this.#done.aborted && (await this.#look(module))
      ? module
      : undefined;
  }

  async failAtDeadline(): Promise<void> {
    const { timeoutMs } = this.#options;
    const module = this.#module;
    const [logs] = await Promise.all([
      this.#logs(),
      module && this.#companions.read('services', 'revisions', 'events'),
    ]);
    const health = module && this.#health(module, { logTail: logs });
    throw new WasiError('MODULE_NOT_READY_IN_TIME', {
      message: `${this.#what()} did not become ready within ${Math.round(
        timeoutMs / 1000,
      )} s. ${describeWait({
        condition: this.#condition(),
        health,
        problem: this.#problem,
        logs,
      })}`,
      remedy: (this.#problem ?? health)?.remedy ?? undefined,
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
    if (!this.#isObserved(module)) {
      this.#tell(this.#health(module));
      return false;
    }
    const isReady = this.#condition()?.status === 'True';
    if (isReady) {
      // The controller repeats what the Service said, maybe of the version before.
      await this.#companions.read('services');
    } else if (this.#health(module).state === 'failed') {
      await this.#companions.read('services', 'revisions', 'events');
    }
    const health = this.#health(module);
    this.#tell(health);
    this.#isBehind = isReady && health.state === 'progressing';
    if (health.state === 'failed') {
      await this.#fail(module);
    }
    return isReady && !this.#isBehind;
  }

  async #fail(module: WasmModule): Promise<never> {
    const logs = await this.#logs();
    const health = this.#health(module, { logTail: logs });
    throw new WasiError(health.code ?? 'MODULE_REVISION_FAILED', {
      message: `${this.#what()} failed. ${describeWait({
        condition: this.#condition(),
        health,
        logs,
      })}`,
      remedy: health.remedy,
    });
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
    if (told !== this.#told && !this.#done.aborted) {
      this.#told = told;
      this.#options.onCondition?.(condition, health);
    }
  }

  #health(module: WasmModule, more: HealthContext = {}): ModuleHealth {
    return deriveHealth(module, {
      ...this.#companions.of(module.metadata.uid),
      ...more,
    });
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
