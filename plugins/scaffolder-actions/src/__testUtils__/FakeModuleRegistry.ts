import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
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
  /** What is pulled, of what nothing else is known. */
  module: Uint8Array | undefined;
  readonly #modules = new Map<string, Uint8Array>();
  /** Set to make every call fail with it. */
  down: WasiError | undefined;
  isPublic = true;

  /** Has an image with a module in it, as the runner pulls it. */
  hold(image: string, module: Uint8Array): void {
    this.manifests.set(image, {
      image,
      digest: image.split('@')[1],
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      index: false,
      layers: [
        {
          mediaType: 'application/wasm',
          digest: `sha256:${createHash('sha256').update(module).digest('hex')}`,
          size: module.length,
          annotations: {},
        },
      ],
      annotations: {},
    });
    this.#modules.set(image, module);
  }

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
    this.hold(image, await readFile(options.path));
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
    const isAnonymous = typeof reference === 'object' && 'image' in reference;
    if (isAnonymous && !this.isPublic) {
      throw new WasiError('REGISTRY_UNAUTHENTICATED', {
        message: `${reference.image} needs a login.`,
      });
    }
    const known = this.manifests.get(
      isAnonymous ? reference.image : String(reference),
    );
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
    const module =
      (typeof place === 'object' && 'image' in place
        ? this.#modules.get(place.image)
        : undefined) ?? this.module;
    if (!module) {
      throw new WasiError('REGISTRY_NOT_FOUND', {
        message: `${JSON.stringify(place)} is not in the registry.`,
      });
    }
    await writeFile(targetPath, module);
    return {
      digest: `sha256:${'b'.repeat(64)}`,
      size: module.length,
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
