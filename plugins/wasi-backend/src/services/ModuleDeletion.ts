import {
  diffModules,
  type ModuleRef,
  type PlanAnswer,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasmModuleClient } from '@wasi-functions/backstage-plugin-wasi-node';
import { recorded } from '../history/DeploymentRecorder';
import type { DeploymentLog } from '../history/types';
import { basisOf, requireBasis } from './basisOf';
import { withOwners } from './findConflicts';
import type { EntityWrite, PlannedWrite, WriteOptions } from './ModuleChange';
import { startOf } from './startOf';

/** Deletes a module; whoever else owns fields of it is named before. @internal */
export class ModuleDeletion implements PlannedWrite<void> {
  readonly #log: DeploymentLog;
  readonly #write: EntityWrite & { ref: ModuleRef };
  readonly #read: () => Promise<{
    client: WasmModuleClient;
    current: WasmModule;
  }>;

  /** `read` reads the module from the cluster and checks whose it is. */
  constructor(
    log: DeploymentLog,
    write: EntityWrite & { ref: ModuleRef },
    read: () => Promise<{ client: WasmModuleClient; current: WasmModule }>,
  ) {
    this.#log = log;
    this.#write = write;
    this.#read = read;
  }

  async plan(): Promise<PlanAnswer> {
    const { ref, signal } = this.#write;
    const { client, current } = await this.#read();
    const { uid } = current.metadata;
    await client.delete(ref, { uid, dryRun: true, signal });
    return {
      ref,
      action: 'delete',
      changes: withOwners(current, diffModules(current, undefined)),
      conflicts: [],
      findings: [],
      basis: basisOf(current),
    };
  }

  async perform({ basis }: WriteOptions = {}): Promise<void> {
    const { ref, signal } = this.#write;
    const { client, current } = await this.#read();
    requireBasis({ ref, current }, basis);
    const { uid } = current.metadata;
    await recorded(
      this.#log,
      startOf(this.#write, { action: 'delete', ref, before: current }),
      () => client.delete(ref, { uid, signal }),
    );
  }
}
