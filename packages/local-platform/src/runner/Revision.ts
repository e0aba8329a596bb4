import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ProcessFailure,
  ServedModule,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { LeasedArtifact } from './ArtifactCache';
import type { ControllerContext } from './ControllerContext';
import type { ModulePod } from './ModulePod';
import { mountVolumes } from './mountVolumes';
import { parseQuantity } from './parseQuantity';

const TAIL_LINES = 20;

/**
 * One state of a module's spec, with the pod that stands for it.
 *
 * @internal
 */
export class Revision {
  module: WasmModule;
  readonly key: string;
  readonly name: string;
  readonly pod: ModulePod;
  readonly #context: ControllerContext;
  #artifact: LeasedArtifact | undefined;
  #served: ServedModule | undefined;

  constructor(
    context: ControllerContext,
    options: { module: WasmModule; key: string; name: string; pod: ModulePod },
  ) {
    this.#context = context;
    this.module = options.module;
    this.key = options.key;
    this.name = options.name;
    this.pod = options.pod;
  }

  /** What answers its requests, once it was started. */
  get served(): ServedModule | undefined {
    return this.#served;
  }

  /** Gets the module and makes it answer; tells the digest of what it runs. */
  async start(options: {
    /** No process before the first request. */
    lazily: boolean;
    signal: AbortSignal;
    onFailure: (failure: ProcessFailure) => void;
    onRecovered: () => void;
  }): Promise<{ served: ServedModule; digest: string }> {
    const { engine, artifacts, store, limitOutgoingHttp } = this.#context;
    const { spec } = this.module;
    const artifact = await artifacts.take(spec.image, options.signal);
    try {
      const directories = await mountVolumes(this.module, {
        directory: this.#volumes,
        store,
      });
      const memory = spec.resources?.limits?.memory;
      const memoryLimitBytes =
        memory === undefined ? undefined : parseQuantity(memory);
      if (limitOutgoingHttp) {
        this.log(
          '[WASM-RUNNER] outgoing HTTP is limited to network.tcp.connect',
        );
      }
      this.#served = await engine.serve({
        prepared: artifact.prepared,
        args: spec.args ?? [],
        // The last of two with one name wins.
        env: Object.fromEntries(
          (spec.env ?? []).map(({ name, value = '' }) => [name, value]),
        ),
        directories,
        ...(spec.network && { network: spec.network }),
        ...(memoryLimitBytes && { memoryLimitBytes }),
        limitOutgoingHttp,
        start: options.lazily ? 'on-demand' : 'now',
        onLog: line => this.log(line),
        onFailure: options.onFailure,
        onRecovered: options.onRecovered,
      });
    } catch (error) {
      artifact.release();
      throw error;
    }
    this.#artifact = artifact;
    return { served: this.#served, digest: artifact.digest };
  }

  log(line: string): void {
    this.#context.logs.write(this.pod.namespace, this.pod.name, line);
  }

  /** What the real controller says of a revision whose container fails. */
  failure(): string {
    const tail = this.#context.logs.tail(
      this.pod.namespace,
      this.pod.name,
      TAIL_LINES,
    );
    return `Revision "${
      this.name
    }" failed with message: Container failed with: ${tail.join('\n')}.`;
  }

  /** Ends what runs; `keepLog` leaves its log for the next start of the platform. */
  async end(options: { graceMs?: number; keepLog?: boolean }): Promise<void> {
    const { logs } = this.#context;
    const { namespace, name } = this.pod;
    await this.#served?.stop({ graceMs: options.graceMs });
    this.#artifact?.release();
    this.pod.remove();
    await (options.keepLog
      ? logs.close(namespace, name)
      : logs.remove(namespace, name));
    await rm(this.#volumes, { recursive: true, force: true });
  }

  get #volumes(): string {
    const { name, namespace = 'default' } = this.module.metadata;
    return join(
      this.#context.directory,
      'volumes',
      `${namespace}~${name}`,
      this.pod.name,
    );
  }
}

/**
 * Of all that makes a revision; a pushed tag alone makes none, as in the real controller.
 *
 * @internal
 */
export function revisionKey({ spec }: WasmModule): string {
  return createHash('sha256').update(JSON.stringify(spec)).digest('hex');
}
