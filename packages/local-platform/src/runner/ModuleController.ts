import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isWasiError,
  parseImageReference,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ModuleEngine,
  ProcessFailure,
  ServedModule,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ObjectStore } from '../kubernetes';
import { checkSpec } from './checkSpec';
import type { FrontDoor } from './FrontDoor';
import { recordEvent } from './ModuleEvents';
import type { ModuleLogs } from './ModuleLogs';
import { ModulePod } from './ModulePod';
import type { ModuleRecords } from './ModuleRecords';
import { mountVolumes } from './mountVolumes';
import { openFrontDoor } from './openFrontDoor';
import { parseQuantity } from './parseQuantity';
import { pullArtifact } from './pullArtifact';
import { RunnerFailure } from './RunnerFailure';
import type { StartQueue } from './StartQueue';
import { writeStatus, type Readiness } from './writeStatus';

const TAIL_LINES = 20;
const MAX_RETRY_MS = 300_000;
/** One failure may be one request's fault; the next one is the module's. */
const FAILURES_BEFORE_FAILED = 2;

/**
 * What all module controllers share.
 *
 * @internal
 */
export interface ControllerContext {
  store: ObjectStore;
  engine: ModuleEngine;
  logs: ModuleLogs;
  records: ModuleRecords;
  starts: StartQueue;
  directory: string;
  insecureRegistries: readonly string[];
  ports: { first: number; last: number };
  retryAfterMs: number;
  now: () => Date;
  onError: (error: unknown) => void;
}

interface Revision {
  key: string;
  name: string;
  pod: ModulePod;
  module: WasmModule;
  served?: ServedModule;
}

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
    await this.stop();
    const { records, directory } = this.#context;
    await records.delete(this.#namespace, this.#name);
    await rm(join(directory, 'volumes', `${this.#namespace}~${this.#name}`), {
      recursive: true,
      force: true,
    });
  }

  /** Ends every process; the resource stays as it is. */
  async stop(): Promise<void> {
    await this.#stop(0);
  }

  async #stop(graceMs: number): Promise<void> {
    clearTimeout(this.#retry);
    this.#uid = undefined;
    this.#attempt?.abort();
    await this.#work;
    await this.#door?.close();
    const revisions = new Set([this.#current, this.#latest]);
    await Promise.all(
      [...revisions].map(revision => revision && this.#end(revision, graceMs)),
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
    this.#warnOfInsecureRegistry(module);
    try {
      checkSpec(module);
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
      const served = await this.#context.starts.run(signal, () =>
        this.#start(revision, { lazily: proven, signal }),
      );
      revision.served = served;
      const before = this.#current;
      this.#current = revision;
      door.lead(served);
      revision.pod.running();
      this.#retries = 0;
      this.#tell(module, { phase: 'ready', url: door.url });
      if (before) {
        // Not awaited: requests that it still answers may take their time.
        void this.#end(before).catch(this.#context.onError);
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      this.#failed(revision, failureMessage(error));
    }
  }

  async #start(
    revision: Revision,
    options: { lazily: boolean; signal: AbortSignal },
  ): Promise<ServedModule> {
    const { engine, store, directory, insecureRegistries, records } =
      this.#context;
    const { module, pod } = revision;
    const artifact = await pullArtifact(module.spec.image, {
      directory: join(directory, 'modules'),
      insecureRegistries,
      signal: options.signal,
    });
    const prepared = await engine.prepare(artifact.path, artifact.digest);
    const directories = await mountVolumes(module, {
      directory: join(
        directory,
        'volumes',
        `${this.#namespace}~${this.#name}`,
        pod.name,
      ),
      store,
    });
    const memory = module.spec.resources?.limits?.memory;
    const memoryLimitBytes =
      memory === undefined ? undefined : parseQuantity(memory);
    const served = await engine.serve({
      prepared,
      args: module.spec.args ?? [],
      // The last of two with one name wins.
      env: Object.fromEntries(
        (module.spec.env ?? []).map(({ name, value = '' }) => [name, value]),
      ),
      directories,
      ...(module.spec.network && { network: module.spec.network }),
      ...(memoryLimitBytes && { memoryLimitBytes }),
      start: options.lazily ? 'on-demand' : 'now',
      onLog: line => this.#log(revision, line),
      onFailure: failure => this.#processFailed(revision, failure),
      onRecovered: () => this.#recovered(revision),
    });
    const record = records.get(this.#namespace, this.#name);
    if (record) {
      await records.set(this.#namespace, this.#name, {
        ...record,
        revisionKey: revision.key,
        digest: artifact.digest,
      });
    }
    return served;
  }

  async #newRevision(module: WasmModule, key: string): Promise<Revision> {
    const { records, store, now, logs } = this.#context;
    const known = this.#known(module);
    const number =
      known?.revisionKey === key ? known.revision : (known?.revision ?? 0) + 1;
    await records.set(this.#namespace, this.#name, {
      uid: module.metadata.uid ?? '',
      port: known?.port ?? 0,
      ...known,
      revision: number,
      revisionKey: key,
      ...(known?.revisionKey === key ? {} : { digest: undefined }),
    });
    const before = this.#latest;
    if (before && before !== this.#current) {
      // It never answered, and nobody asks for it any more.
      await this.#end(before);
    }
    const name = `${this.#name}-${String(number).padStart(5, '0')}`;
    const pod = new ModulePod(store, module, { revision: name, now });
    logs.open(pod.namespace, pod.name);
    const revision: Revision = { key, name, pod, module };
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
      this.#log(revision, `Error: ${line}`);
    }
    revision.pod.failing(message);
    this.#tell(revision.module, {
      phase: 'failed',
      message: this.#failureOf(revision),
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
    this.#log(
      revision,
      failure.reason === 'out-of-memory'
        ? `[WASM-RUNNER] OOMKilled: ${failure.message}`
        : `[WASM-RUNNER] ${failure.reason}: ${failure.message}`,
    );
    revision.pod.restarted(failure);
    if (failure.count >= FAILURES_BEFORE_FAILED && revision === this.#current) {
      this.#tell(revision.module, {
        phase: 'failed',
        message: this.#failureOf(revision),
      });
    }
  }

  #recovered(revision: Revision): void {
    if (revision === this.#current && this.#door) {
      revision.pod.running();
      this.#tell(revision.module, { phase: 'ready', url: this.#door.url });
    }
  }

  #failureOf({ name, pod }: Revision): string {
    const tail = this.#context.logs.tail(pod.namespace, pod.name, TAIL_LINES);
    return `Revision "${name}" failed with message: Container failed with: ${tail.join(
      '\n',
    )}.`;
  }

  #warnOfInsecureRegistry(module: WasmModule): void {
    const { store, insecureRegistries, now } = this.#context;
    const host = hostOf(module.spec.image)?.toLowerCase();
    if (insecureRegistries.some(each => each.toLowerCase() === host)) {
      recordEvent(store, module, {
        reason: 'InsecureRegistry',
        message: `Image "${module.spec.image}" will be fetched over plain HTTP (matched insecure registry)`,
        now: now(),
      });
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

  #log({ pod }: Revision, line: string): void {
    this.#context.logs.write(pod.namespace, pod.name, line);
  }

  async #end(revision: Revision, graceMs?: number): Promise<void> {
    await revision.served?.stop({ graceMs });
    revision.pod.remove();
    this.#context.logs.close(revision.pod.namespace, revision.pod.name);
    await rm(
      join(
        this.#context.directory,
        'volumes',
        `${this.#namespace}~${this.#name}`,
        revision.pod.name,
      ),
      { recursive: true, force: true },
    );
  }
}

/** Of all that makes a revision; a pushed tag alone makes none, as in the real controller. */
function revisionKey({ spec }: WasmModule): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex');
}

function hostOf(image: string): string | undefined {
  try {
    return parseImageReference(image.replace(/^oci:\/\//i, '')).host;
  } catch {
    // The pull tells what is wrong with it.
    return undefined;
  }
}

function failureMessage(error: unknown): string {
  if (error instanceof RunnerFailure || isWasiError(error)) {
    return error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
