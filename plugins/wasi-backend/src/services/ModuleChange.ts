import type { Entity } from '@backstage/catalog-model';
import {
  isWasiError,
  type DeploymentAction,
  type Finding,
  type ModuleRef,
  type ModuleView,
  type PlanAnswer,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasmModuleClient } from '@wasi-functions/backstage-plugin-wasi-node';
import { recorded } from '../history/DeploymentRecorder';
import type { DeploymentLog } from '../history/types';
import { basisOf, requireBasis } from './basisOf';
import type { Caller } from './Callers';
import type { ModulePlanner } from './ModulePlanner';
import { refuseConflicts } from './refuseConflicts';
import { startOf } from './startOf';
import type { WrittenModules } from './WrittenModules';

// A controller that reports its status in between is no reason to refuse.
const ATTEMPTS = 4;

/** A write on behalf of an entity. @internal */
export interface EntityWrite {
  entity: Entity;
  caller: Caller;
  signal: AbortSignal;
}

/** How a write is meant. @internal */
export interface WriteOptions {
  /** Also take fields from other field managers. */
  force?: boolean;
  /** `PlanAnswer.basis` of the plan that was agreed to. */
  basis?: string;
}

/** A write that can be looked at before it is made. @internal */
export interface PlannedWrite<Answer> {
  plan(): Promise<PlanAnswer>;
  perform(options?: WriteOptions): Promise<Answer>;
}

/** What is sent to the cluster, over what it has. @internal */
export interface ComposedChange {
  ref: ModuleRef;
  /** Of the cluster, as the account that writes. */
  client: Pick<WasmModuleClient, 'quotas' | 'hasForeignService'>;
  action: Exclude<DeploymentAction, 'delete'>;
  current: WasmModule | undefined;
  /** What is wanted, with its secrets. */
  module: WasmModule;
  /** Beside those that the plan finds. */
  findings?: Finding[];
  rollbackOf?: string;
  /** Only over `current`; else fails with MODULE_CONFLICT. */
  send(options: { dryRun: boolean; force: boolean }): Promise<WasmModule>;
}

/** What a change needs beside what is sent. @internal */
export interface ChangeParts {
  planner: ModulePlanner;
  log: DeploymentLog;
  written: WrittenModules;
}

/**
 * Makes a module what is wanted of it: looked at by a dry run first, refused
 * where it would take a field of somebody else, in the history before it is made.
 *
 * @internal
 */
export class ModuleChange implements PlannedWrite<ModuleView> {
  readonly #parts: ChangeParts;
  readonly #write: EntityWrite;
  readonly #compose: () => Promise<ComposedChange>;

  /** `compose` reads the module from the cluster and checks whose it is, each time. */
  constructor(
    parts: ChangeParts,
    write: EntityWrite,
    compose: () => Promise<ComposedChange>,
  ) {
    this.#parts = parts;
    this.#write = write;
    this.#compose = compose;
  }

  async plan(): Promise<PlanAnswer> {
    return this.#parts.planner.plan(await this.#compose(), this.#write.signal);
  }

  async perform(options: WriteOptions = {}): Promise<ModuleView> {
    const { log, planner, written } = this.#parts;
    const { force = false, basis } = options;
    const change = await this.#compose();
    requireBasis(change, basis);
    const findings = await planner.admit(change, this.#write.signal);
    if (!force) {
      refuseConflicts(change.ref, await planner.conflicts(change));
    }
    const { ref, action, module, current: before, rollbackOf } = change;
    const start = startOf(this.#write, {
      action,
      ref,
      module,
      before,
      rollbackOf,
    });
    const stored = await recorded(log, start, () => this.#send(change, force));
    return written.view(ref.cluster, stored, [
      ...(change.findings ?? []),
      ...findings,
    ]);
  }

  async #send(change: ComposedChange, force: boolean): Promise<WasmModule> {
    let latest = change;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await latest.send({ dryRun: false, force });
      } catch (error) {
        if (
          !isWasiError(error) ||
          error.code !== 'MODULE_CONFLICT' ||
          attempt === ATTEMPTS
        ) {
          throw error;
        }
        latest = await this.#compose();
        if (basisOf(latest.current) !== basisOf(change.current)) {
          throw error;
        }
      }
    }
  }
}
