import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isWasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ProcessFailure } from '@wasi-functions/backstage-plugin-wasi-node';
import { checkSpec } from './checkSpec';
import type { ControllerContext } from './ControllerContext';
import type { FrontDoor } from './FrontDoor';
import { recordEvent } from './ModuleEvents';
import { ModulePod } from './ModulePod';
import { openFrontDoor } from './openFrontDoor';
import { Revision, revisionKey } from './Revision';
import { RunnerFailure } from './RunnerFailure';
import { warnOfInsecureRegistry } from './warnOfInsecureRegistry';
import { writeStatus, type Readiness } from './writeStatus';

const MAX_RETRY_MS = 300_000;
/** One failure may be one request's fault; the next one is the module's. */
const FAILURES_BEFORE_FAILED = 2;

/**
 * Keeps one WasmModule running as its resource says.
 *
 * @internal
 */
export class ModuleController {
  readonly #context: ControllerContext;
  readonly #namespace: string;
  readonly #name: string;
  #door: FrontDoor | undefined;
  #current: Revision | undefined;
  #latest: Revision | undefined;
  #generation: number | undefined;
  #uid: string | undefined;
  #attempt: AbortController | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retries = 0;
  #work: Promise<void>;

  /** @param before - The end of an earlier module of this name, which is waited for. */
  constructor(
    context: ControllerContext,
    module: { namespace: string; name: string; before?: Promise<void> },
  ) {
    this.#context = context;
    this.#namespace = module.namespace;
    this.#name = module.name;
    this.#work = module.before ?? Promise.resolve();
  }

  /** Looks at the resource again; what is under way for an older one is dropped. */
  changed(module: WasmModule): void {
    const { uid, generation } = module.metadata;
    if (uid === this.#uid && generation === this.#generation) {
      return;
    }
    this.#uid = uid;
    this.#generation = generation;
    this.#retries = 0;
    this.#enqueue();
  }

  /** Ends the module; its resource is gone. */
  async removed(): Promise<void> {
    await this.#stop({ keepLog: false });
    const { records, directory } = this.#context;
    await records.delete(this.#namespace, this.#name);
    await rm(join(directory, 'volumes', `${this.#namespace}~${this.#name}`), {
      recursive: true,
      force: true,
    });
  }

  /** Ends every process; the resource stays as it is. */
  async stop(): Promise<void> {
    await this.#stop({ keepLog: true });
  }

  async #stop(options: { keepLog: boolean }): Promise<void> {
    clearTimeout(this.#retry);
    this.#uid = undefined;
    this.#attempt?.abort();
    await this.#work;
    await this.#door?.close();
    const revisions = new Set([this.#current, this.#latest]);
    await Promise.all(
      [...revisions].map(revision => revision?.end({ graceMs: 0, ...options })),
    );
    this.#current = undefined;
    this.#latest = undefined;
  }

  #enqueue(): void {
    clearTimeout(this.#retry);
    this.#attempt?.abort();
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#work = this.#work.then(async () => {
      try {
        if (!attempt.signal.aborted) {
          await this.#reconcile(attempt.signal);
        }
      } catch (error) {
        // Ours, not the module's: it must not end the platform.
        this.#context.onError(error);
      }
    });
  }

  async #reconcile(signal: AbortSignal): Promise<void> {
    const { store, now } = this.#context;
    const module = store.get<WasmModule>(
      'wasmmodules',
      this.#namespace,
      this.#name,
    );
    if (!module) {
      return;
    }
    warnOfInsecureRegistry(this.#context, module);
    try {
      checkSpec(module, { isNew: !this.#known(module)?.revision });
    } catch (error) {
      if (!(error instanceof RunnerFailure)) {
        throw error;
      }
      recordEvent(store, module, {
        reason: 'InternalError',
        message: error.message,
        now: now(),
      });
      this.#tell(module, { phase: 'unavailable' });
      return;
    }
    const key = revisionKey(module);
    if (this.#current?.served && this.#current.key === key) {
      this.#current.module = module;
      this.#tell(module, { phase: 'ready', url: this.#door!.url });
      return;
    }
    await this.#deploy(module, { key, signal });
  }

  async #deploy(
    module: WasmModule,
    options: { key: string; signal: AbortSignal },
  ): Promise<void> {
    const { key, signal } = options;
    const known = this.#known(module);
    const proven = known?.revisionKey === key && known.digest !== undefined;
    const tried = this.#latest;
    const again = tried && !tried.served && tried.key === key;
    if (!proven && !again) {
      this.#tell(module, { phase: 'unavailable' });
    }
    const revision = again ? tried : await this.#newRevision(module, key);
    try {
      const door = await this.#openDoor(module);
      const { served, digest } = await this.#context.starts.run(signal, () =>
        revision.start({
          lazily: proven,
          signal,
          onFailure: failure => this.#processFailed(revision, failure),
          onRecovered: () => this.#recovered(revision),
        }),
      );
      await this.#remember(revision, digest);
      const before = this.#current;
      this.#current = revision;
      door.lead(served);
      revision.pod.running();
      this.#retries = 0;
      this.#tell(module, { phase: 'ready', url: door.url });
      if (before) {
        // Not awaited: requests that it still answers may take their time.
        void before.end({}).catch(this.#context.onError);
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      this.#failed(revision, failureMessage(error));
    }
  }

  async #remember({ key }: Revision, digest: string): Promise<void> {
    const { records } = this.#context;
    const record = records.get(this.#namespace, this.#name);
    if (record) {
      await records.set(this.#namespace, this.#name, {
        ...record,
        revisionKey: key,
        digest,
      });
    }
  }

  async #newRevision(module: WasmModule, key: string): Promise<Revision> {
    const { records, store, now, logs } = this.#context;
    const before = this.#latest;
    if (before && before !== this.#current) {
      // It never answered, and nobody asks for it any more.
      await before.end({});
    }
    const known = this.#known(module);
    const same = known?.revisionKey === key;
    const number = same ? known.revision : (known?.revision ?? 0) + 1;
    const name = `${this.#name}-${String(number).padStart(5, '0')}`;
    const pod = new ModulePod(store, module, {
      revision: name,
      // Its log of before a restart is found by its name.
      name: same ? known.pod : undefined,
      now,
    });
    await records.set(this.#namespace, this.#name, {
      uid: module.metadata.uid ?? '',
      port: known?.port ?? 0,
      ...known,
      revision: number,
      revisionKey: key,
      pod: pod.name,
      ...(same ? {} : { digest: undefined }),
    });
    await logs.open(pod.namespace, pod.name);
    const revision = new Revision(this.#context, { module, key, name, pod });
    this.#latest = revision;
    return revision;
  }

  async #openDoor(module: WasmModule): Promise<FrontDoor> {
    if (!this.#door) {
      const { records, ports } = this.#context;
      const known = this.#known(module);
      this.#door = await openFrontDoor({
        preferred: known?.port || undefined,
        range: ports,
        taken: records.ports(),
      });
      if (known) {
        await records.set(this.#namespace, this.#name, {
          ...known,
          port: this.#door.port,
        });
      }
    }
    return this.#door;
  }

  #failed(revision: Revision, message: string): void {
    for (const line of message.split('\n')) {
      revision.log(`Error: ${line}`);
    }
    revision.pod.failing(message);
    this.#tell(revision.module, {
      phase: 'failed',
      message: revision.failure(),
    });
    const wait = Math.min(
      this.#context.retryAfterMs * 2 ** this.#retries,
      MAX_RETRY_MS,
    );
    this.#retries++;
    this.#retry = setTimeout(() => this.#enqueue(), wait);
    this.#retry.unref();
  }

  #processFailed(revision: Revision, failure: ProcessFailure): void {
    revision.log(
      failure.reason === 'out-of-memory'
        ? `[WASM-RUNNER] OOMKilled: ${failure.message}`
        : `[WASM-RUNNER] ${failure.reason}: ${failure.message}`,
    );
    revision.pod.restarted(failure);
    if (failure.count >= FAILURES_BEFORE_FAILED && revision === this.#current) {
      this.#tell(revision.module, {
        phase: 'failed',
        message: revision.failure(),
      });
    }
  }

  #recovered(revision: Revision): void {
    if (revision === this.#current && this.#door) {
      revision.pod.running();
      this.#tell(revision.module, { phase: 'ready', url: this.#door.url });
    }
  }

  /** What is remembered of this very resource, not of one that had its name before. */
  #known({ metadata }: WasmModule) {
    const record = this.#context.records.get(this.#namespace, this.#name);
    return record?.uid === metadata.uid ? record : undefined;
  }

  #tell(module: WasmModule, readiness: Readiness): void {
    writeStatus(this.#context.store, module, {
      readiness,
      now: this.#context.now(),
    });
  }
}

function failureMessage(error: unknown): string {
  if (error instanceof RunnerFailure || isWasiError(error)) {
    return error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
