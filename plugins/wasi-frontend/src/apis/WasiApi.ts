import type { CompoundEntityRef } from '@backstage/catalog-model';
import type {
  ArtifactView,
  BackendInfo,
  InvokeAnswer,
  InvokeRequest,
  LogsAnswer,
  ModuleListAnswer,
  ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';

/**
 * What every call of {@link WasiApi} takes beside its subject.
 *
 * @public
 */
export interface WasiRequestOptions {
  signal?: AbortSignal;
}

/**
 * The backend of the plugin as the browser sees it; every failure is a `WasiError`.
 *
 * @public
 */
export interface WasiApi {
  getInfo(options?: WasiRequestOptions): Promise<BackendInfo>;
  listModules(
    entity: CompoundEntityRef,
    options?: WasiRequestOptions,
  ): Promise<ModuleListAnswer>;
  deleteModule(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<void>;
  getArtifact(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions,
  ): Promise<ArtifactView>;
  getLogs(
    entity: CompoundEntityRef,
    module: ModuleRef,
    options?: WasiRequestOptions & { tailLines?: number },
  ): Promise<LogsAnswer>;
  invoke(
    entity: CompoundEntityRef,
    module: ModuleRef,
    request: InvokeRequest,
    options?: WasiRequestOptions,
  ): Promise<InvokeAnswer>;
}
