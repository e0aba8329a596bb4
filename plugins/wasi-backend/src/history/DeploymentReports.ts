import type { ResourcePermission } from '@backstage/plugin-permission-common';
import {
  ANNOTATION_ENTITY_REF,
  parseWasmModule,
  WasiError,
  wasiModuleDeletePermission,
  wasiModuleUpdatePermission,
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
import type { DeploymentStore } from './DeploymentStore';
import { reportKey } from './onceKeys';
import type { SecretVault } from './SecretVault';
import type { DeploymentStart, ReportedLog, StoredDeployment } from './types';

const READ_TIMEOUT_MS = 10_000;

/**
 * Takes what the scaffolder's actions say of their own deploys and deletions,
 * and believes nothing that the cluster can tell.
 *
 * @internal
 */
export class DeploymentReports {
  readonly #store: DeploymentStore;
  readonly #log: ReportedLog;
  readonly #vault: SecretVault;
  readonly #clusters: Clusters;

  constructor(options: {
    store: DeploymentStore;
    log: ReportedLog;
    vault: SecretVault;
    clusters: Clusters;
  }) {
    this.#store = options.store;
    this.#log = options.log;
    this.#vault = options.vault;
    this.#clusters = options.clusters;
  }

  async take(
    entity: string,
    { caller, report }: { caller: Caller; report: DeploymentReport },
  ): Promise<{ id: string }> {
    switch (report.phase) {
      case 'begin':
        return this.#begin(entity, caller, report);
      case 'begin-delete':
        return this.#beginDelete(entity, caller, report);
      default:
        return this.#end(entity, caller, report);
    }
  }

  /** What the user needs who makes the change that is reported. */
  async permissionFor(report: DeploymentReport): Promise<ResourcePermission> {
    const isDelete =
      report.phase === 'failed'
        ? (await this.#store.get(report.id))?.action === 'delete'
        : report.phase === 'begin-delete' || report.phase === 'deleted';
    return isDelete ? wasiModuleDeletePermission : wasiModuleUpdatePermission;
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
    return this.#left({
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
  }

  async #beginDelete(
    entity: string,
    caller: Caller,
    report: DeploymentReport & { phase: 'begin-delete' },
  ): Promise<{ id: string }> {
    const { cluster, namespace, name } = report;
    const ref: ModuleRef = { cluster, namespace, name };
    const before = await this.#read(ref);
    if (!before) {
      throw new WasiError('MODULE_NOT_FOUND', {
        message: `There is no WasmModule ${namespace}/${name} on cluster "${cluster}".`,
      });
    }
    checkModuleOwner(before, entity);
    return this.#left({
      entity,
      ref,
      action: 'delete',
      origin: 'template',
      actor: caller.name,
      before,
      onceKey: reportKey([entity, caller.name, report.key]),
    });
  }

  /** The scaffolder makes the change, so it is the one to tell that it still lives. */
  async #left(start: DeploymentStart): Promise<{ id: string }> {
    const { id } = await this.#log.begin(start);
    this.#log.leave(id);
    return { id };
  }

  async #end(
    entity: string,
    caller: Caller,
    report: DeploymentReport & { phase: 'applied' | 'deleted' | 'failed' },
  ): Promise<{ id: string }> {
    const { id } = report;
    const stored = await this.#store.get(id);
    if (
      !stored ||
      stored.entity !== entity.toLocaleLowerCase('en-US') ||
      stored.origin !== 'template' ||
      stored.actor !== caller.name ||
      // Both end as what they began as.
      (report.phase !== 'failed' &&
        (report.phase === 'deleted') !== (stored.action === 'delete'))
    ) {
      throw new WasiError('DEPLOYMENT_NOT_FOUND', {
        message: `There is no deployment ${id} of ${entity} by ${caller.name}.`,
      });
    }
    if (report.phase === 'failed') {
      const { code, message, remedy } = report;
      await this.#log
        .adopt(id, stored)
        .failed(new WasiError(code, { message, remedy }));
      return { id };
    }
    const module =
      report.phase === 'deleted'
        ? await this.#requireGone(stored)
        : await this.#applied(stored, report.generation);
    await this.#log.adopt(id, stored).applied(module);
    return { id };
  }

  async #requireGone({ ref, base }: StoredDeployment): Promise<undefined> {
    const found = (await this.#read(ref))?.metadata;
    if (found && found.uid === base?.uid && !found.deletionTimestamp) {
      throw new WasiError('INPUT_INVALID', {
        message: `Cluster "${ref.cluster}" still has WasmModule ${ref.namespace}/${ref.name}.`,
      });
    }
    return undefined;
  }

  async #applied(
    stored: StoredDeployment,
    generation: number,
  ): Promise<WasmModule> {
    const module = await this.#read(stored.ref);
    const found = module?.metadata.generation ?? 0;
    if (!module || found < generation) {
      throw new WasiError('INPUT_INVALID', {
        message: `Cluster "${stored.ref.cluster}" does not have generation ${generation} of WasmModule ${stored.ref.namespace}/${stored.ref.name}.`,
      });
    }
    checkModuleOwner(module, stored.entity);
    return found === generation
      ? module
      : this.#asReported(stored, module, generation);
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
