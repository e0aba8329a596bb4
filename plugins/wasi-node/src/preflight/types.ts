import type {
  Finding,
  ModuleInspection,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { WasmModuleClient } from '../cluster';
import type { ArtifactManifest } from '../registry';

/**
 * Images as everybody may read them.
 *
 * The runner has no account, and who names an image may not be allowed to look
 * at what the portal's account sees.
 *
 * @public
 */
export interface PublicImages {
  /**
   * What the reference names now.
   *
   * @throws WasiError IMAGE_NOT_ANONYMOUS, REGISTRY_NOT_ALLOWED and other `REGISTRY_…`
   */
  describe(
    reference: string,
    options?: { signal?: AbortSignal },
  ): Promise<ArtifactManifest>;
  /** What is in an image that {@link PublicImages.describe} has found. */
  inspect(
    image: string,
    options?: { signal?: AbortSignal },
  ): Promise<ModuleInspection>;
}

/** What is going to be written, and where. @public */
export interface PreflightSubject {
  module: WasmModule;
  /** The cluster that it goes to, as the account that writes it. */
  client: Pick<WasmModuleClient, 'quotas' | 'hasForeignService'>;
  /** Whether the cluster has the module already. */
  exists: boolean;
  /** Whether the image is looked at; one that runs already need not be. Default: true. */
  withImage?: boolean;
  /** Of the file that was pushed, which spares reading it back. */
  inspection?: ModuleInspection;
  signal?: AbortSignal;
}

/**
 * Tells what will not run before it is written, by what the image and the
 * cluster are like.
 *
 * @public
 */
export interface ModulePreflight {
  /** What cannot be read is a warning with the reason. */
  check(subject: PreflightSubject): Promise<Finding[]>;
}
