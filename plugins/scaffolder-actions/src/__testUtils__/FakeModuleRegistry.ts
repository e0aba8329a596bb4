import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  ModuleRegistry,
  PulledModule,
  PushedModule,
  PushModuleOptions,
} from '@wasi-functions/backstage-plugin-wasi-node';

/**
 * A registry in memory that knows what was pushed to it, by digest of the module.
 */
export class FakeModuleRegistry implements ModuleRegistry {
  readonly pushes: PushModuleOptions[] = [];
  /** Set to make every call fail with it. */
  down: WasiError | undefined;
  isPublic = true;

  async push(options: PushModuleOptions): Promise<PushedModule> {
    this.#answer();
    this.pushes.push(options);
    const { digest, size } = options.inspection;
    const repository = options.reference.replace(/:[^:/]+$/, '');
    return {
      image: `${repository}@${digest}`,
      digest,
      layerDigest: digest,
      size,
      uploadedBytes: size,
    };
  }

  async describe(reference: string): Promise<ArtifactManifest> {
    this.#answer();
    throw new WasiError('REGISTRY_NOT_FOUND', {
      message: `${reference} is not in the registry.`,
    });
  }

  async pull(reference: string): Promise<PulledModule> {
    this.#answer();
    throw new WasiError('REGISTRY_NOT_FOUND', {
      message: `${reference} is not in the registry.`,
    });
  }

  async canPullAnonymously(): Promise<boolean> {
    this.#answer();
    return this.isPublic;
  }

  #answer(): void {
    if (this.down) {
      throw this.down;
    }
  }
}
