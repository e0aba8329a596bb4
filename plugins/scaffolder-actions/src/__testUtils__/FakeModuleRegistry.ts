import { writeFile } from 'node:fs/promises';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  ArtifactPlace,
  CopiedArtifact,
  CopyArtifactOptions,
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
  readonly copies: CopyArtifactOptions[] = [];
  readonly deleted: string[] = [];
  /** By the reference that is asked for. */
  readonly manifests = new Map<string, ArtifactManifest>();
  readonly pulls: ArtifactPlace[] = [];
  /** What is pulled, whatever is asked for. */
  module: Uint8Array | undefined;
  /** Set to make every call fail with it. */
  down: WasiError | undefined;
  isPublic = true;

  async push(options: PushModuleOptions): Promise<PushedModule> {
    this.#answer();
    this.pushes.push(options);
    const { digest, size } = options.inspection;
    const { reference, format = 'wasm' } = options;
    const repository =
      typeof reference === 'string'
        ? reference.replace(/:[^:/]+$/, '')
        : reference.name;
    const image = `${repository}@${digest}`;
    return {
      image,
      digest,
      format,
      ...(['wasm', 'krustlet', 'index'].includes(format) && {
        runnerImage: image,
      }),
      layerDigest: digest,
      size,
      uploadedBytes: size,
    };
  }

  async describe(reference: ArtifactPlace): Promise<ArtifactManifest> {
    this.#answer();
    const known = this.manifests.get(String(reference));
    if (known) {
      return known;
    }
    throw new WasiError('REGISTRY_NOT_FOUND', {
      message: `${JSON.stringify(reference)} is not in the registry.`,
    });
  }

  async pull(place: ArtifactPlace, targetPath: string): Promise<PulledModule> {
    this.#answer();
    this.pulls.push(place);
    if (!this.module) {
      throw new WasiError('REGISTRY_NOT_FOUND', {
        message: `${JSON.stringify(place)} is not in the registry.`,
      });
    }
    await writeFile(targetPath, this.module);
    return {
      digest: `sha256:${'b'.repeat(64)}`,
      size: this.module.length,
      manifestDigest: `sha256:${'a'.repeat(64)}`,
      format: 'compat',
      file: '/hello.wasm',
      platform: 'wasi/wasm',
    };
  }

  async copy(options: CopyArtifactOptions): Promise<CopiedArtifact> {
    this.#answer();
    this.copies.push(options);
    const digest = `sha256:${'c'.repeat(64)}`;
    const { to } = options;
    const name = typeof to === 'string' ? to.replace(/:[^:/]+$/, '') : to.name;
    return {
      image: `${name}@${digest}`,
      digest,
      manifests: 1,
      referrers: 0,
      copiedBytes: 10,
    };
  }

  async delete(reference: string): Promise<void> {
    this.#answer();
    this.deleted.push(reference);
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
