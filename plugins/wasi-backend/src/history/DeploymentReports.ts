import {
  ANNOTATION_ENTITY_REF,
  parseWasmModule,
  WasiError,
  type DeploymentReport,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  readExisting,
  checkModuleOwner,
  type Clusters,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { Caller } from '../services/Callers';
import type { DeploymentRecorder } from './DeploymentRecorder';
import type { DeploymentStore } from './DeploymentStore';
import { reportKey } from './onceKeys';
import type { SecretVault } from './SecretVault';
import type { StoredDeployment } from './types';

const READ_TIMEOUT_MS = 10_000;

/**
 * Takes what the scaffolder's deploy action says of its own deploys, and
 * believes nothing that the cluster can tell.
 *
 * @internal
 */
export class DeploymentReports {
  readonly #store: DeploymentStore;
  readonly #recorder: DeploymentRecorder;
  readonly #vault: SecretVault;
  readonly #clusters: Clusters;

  constructor(options: {
    store: DeploymentStore;
    recorder: DeploymentRecorder;
    vault: SecretVault;
    clusters: Clusters;
  }) {
    this.#store = options.store;
    this.#recorder = options.recorder;
    this.#vault = options.vault;
    this.#clusters = options.clusters;
  }

  async take(
    entity: string,
    { caller, report }: { caller: Caller; report: DeploymentReport },
  ): Promise<{ id: string }> {
    return report.phase === 'begin'
      ? this.#begin(entity, caller, report)
      : this.#end(entity, caller, report);
  }

  async #begin(
    entity: string,
    caller: Caller,
    report: DeploymentReport & { phase: 'begin' },
  ): Promise<{ id: string }> {
    const module = parseWasmModule(report.module);
    const { name, namespace = 'default' } = module.metadata;
    const ref: ModuleRef = { cluster: report.cluster, namespace, name };
    const before = await this.#read(ref);
    if (before) {
      checkModuleOwner(before, entity);
    }
    const { id } = await this.#recorder.begin({
      entity,
      ref,
      action: before ? 'update' : 'create',
      origin: 'template',
      actor: caller.name,
      module: {
        ...module,
        metadata: {
          ...module.metadata,
          annotations: {
            ...module.metadata.annotations,
            [ANNOTATION_ENTITY_REF]: entity,
          },
        },
      },
      before,
      size: report.size,
      onceKey: reportKey([entity, caller.name, report.key]),
    });
    // The scaffolder writes it, so it is the one to tell that it still lives.
    this.#recorder.leave(id);
    return { id };
  }

  async #end(
    entity: string,
    caller: Caller,
    report: DeploymentReport & { phase: 'applied' | 'failed' },
  ): Promise<{ id: string }> {
    const { id } = report;
    const stored = await this.#store.get(id);
    if (
      !stored ||
      stored.entity !== entity.toLocaleLowerCase('en-US') ||
      stored.origin !== 'template' ||
      stored.actor !== caller.name
    ) {
      throw new WasiError('DEPLOYMENT_NOT_FOUND', {
        message: `There is no deployment ${id} of ${entity} by ${caller.name}.`,
      });
    }
    if (report.phase === 'failed') {
      const { code, message, remedy } = report;
      await this.#recorder
        .adopt(id)
        .failed(new WasiError(code, { message, remedy }));
      return { id };
    }
    const { generation } = report;
    const module = await this.#read(stored.ref);
    const found = module?.metadata.generation ?? 0;
    if (!module || found < generation) {
      throw new WasiError('INPUT_INVALID', {
        message: `Cluster "${stored.ref.cluster}" does not have generation ${generation} of WasmModule ${stored.ref.namespace}/${stored.ref.name}.`,
      });
    }
    checkModuleOwner(module, entity);
    await this.#recorder
      .adopt(id)
      .applied(
        found === generation
          ? module
          : this.#asReported(stored, module, generation),
      );
    return { id };
  }

  /** Where the cluster has a later one by now, that which was applied is known from the report alone. */
  #asReported(
    stored: StoredDeployment,
    { metadata: { uid } }: WasmModule,
    generation: number,
  ): WasmModule {
    const module = this.#vault.open({
      manifest: stored.manifest!,
      secrets: stored.secrets,
    });
    return { ...module, metadata: { ...module.metadata, uid, generation } };
  }

  async #read(ref: ModuleRef): Promise<WasmModule | undefined> {
    return readExisting(
      this.#clusters.client(ref.cluster),
      ref,
      AbortSignal.timeout(READ_TIMEOUT_MS),
    );
  }
}
