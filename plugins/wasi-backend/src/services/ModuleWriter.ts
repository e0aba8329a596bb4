import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  ENV_REDEPLOYED_AT,
  parseImageReference,
  parseWasmModule,
  WasiError,
  type Finding,
  type ModuleRef,
  type ModuleView,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  applyMergePatch,
  checkModuleOwner,
  type Clusters,
  type ImageVerifier,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { recorded } from '../history/DeploymentRecorder';
import type { DeploymentLog } from '../history/types';
import type { ModulePatch } from '../schema/requests';
import type { Caller } from './Callers';
import { composeNew, composeReplacement } from './composeModule';
import { refuseIdentityChange } from './keepIdentity';
import { unmaskEnv } from './maskEnv';
import { refuseUnfit } from './refuseUnfit';
import { startOf } from './startOf';
import type { WrittenModules } from './WrittenModules';

/** A write on behalf of an entity. @internal */
export interface EntityWrite {
  entity: Entity;
  caller: Caller;
  signal: AbortSignal;
}

/**
 * Creates, changes and deletes modules of an entity.
 *
 * Each write reads the module from the cluster first, not from the cache, and
 * refuses one that belongs to another entity. An image is verified before it gets
 * into a cluster, and a change is in the history before it is made.
 *
 * @internal
 */
export class ModuleWriter {
  readonly #clusters: Clusters;
  readonly #verifier: ImageVerifier;
  readonly #log: DeploymentLog;
  readonly #written: WrittenModules;

  constructor(options: {
    clusters: Clusters;
    verifier: ImageVerifier;
    log: DeploymentLog;
    written: WrittenModules;
  }) {
    this.#clusters = options.clusters;
    this.#verifier = options.verifier;
    this.#log = options.log;
    this.#written = options.written;
  }

  async create(
    write: EntityWrite & { cluster?: string; module: unknown },
  ): Promise<ModuleView> {
    const client = this.#clusters.client(write.cluster, write.caller.cluster);
    const module = refuseUnfit(
      composeNew(write.entity, parseWasmModule(write.module)),
    );
    const { name, namespace = 'default' } = module.metadata;
    const ref = { cluster: client.cluster, namespace, name };
    const findings = await this.#verifier.verify(module.spec.image, write);
    const written = await recorded(
      this.#log,
      startOf(write, { action: 'create', ref, module }),
      () => client.create(module, { signal: write.signal }),
    );
    return this.#written.view(ref.cluster, written, findings);
  }

  async replace(
    write: EntityWrite & { ref: ModuleRef; module: unknown },
  ): Promise<ModuleView> {
    const { ref, signal } = write;
    const wanted = parseWasmModule(write.module);
    requireSameName(wanted, ref);
    requireVersion(wanted);
    const { current, client } = await this.#owned(write);
    const module = refuseUnfit(composeReplacement(wanted, current));
    const findings = await this.#verifyChange(current, module, signal);
    const written = await recorded(
      this.#log,
      startOf(write, { action: 'update', ref, module, before: current }),
      () => client.replace(module, { signal }),
    );
    return this.#written.view(ref.cluster, written, findings);
  }

  async patch(
    write: EntityWrite & { ref: ModuleRef; patch: ModulePatch },
  ): Promise<ModuleView> {
    const { ref, patch, signal } = write;
    const { current, client } = await this.#owned(write);
    refuseIdentityChange(patch.metadata ?? {}, current.metadata);
    const merged = parseWasmModule(applyMergePatch(current, patch));
    const env = unmaskEnv(merged.spec.env, current.spec.env);
    const next = { ...merged, spec: { ...merged.spec, env } };
    const { uid, resourceVersion } = current.metadata;
    const sent: ModulePatch & { metadata: { uid?: string } } = {
      ...patch,
      // The module whose owner was checked, not one that has its name since.
      metadata: { ...patch.metadata, uid },
    };
    if (patch.spec) {
      refuseUnfit(next);
      if (patch.spec.env) {
        sent.spec = { ...patch.spec, env };
        // Values that came from the cluster must not overwrite newer ones.
        sent.metadata.resourceVersion ??= resourceVersion;
      }
    }
    const findings = await this.#verifyChange(current, next, signal);
    const written = await recorded(
      this.#log,
      startOf(write, { action: 'update', ref, module: next, before: current }),
      () => client.patch(ref, sent, { signal }),
    );
    return this.#written.view(ref.cluster, written, findings);
  }

  /** Makes a new revision of what runs, which pulls the image anew. */
  async redeploy(write: EntityWrite & { ref: ModuleRef }): Promise<ModuleView> {
    const { ref, signal } = write;
    const { current, client } = await this.#owned(write);
    const { image } = current.spec;
    const findings = parseImageReference(image).digest
      ? []
      : // A tag may name another image by now.
        await this.#verifier.verify(image, { signal });
    const env = [
      ...(current.spec.env ?? []).filter(
        ({ name }) => name !== ENV_REDEPLOYED_AT,
      ),
      { name: ENV_REDEPLOYED_AT, value: new Date().toISOString() },
    ];
    const { uid, resourceVersion } = current.metadata;
    const module = { ...current, spec: { ...current.spec, env } };
    const written = await recorded(
      this.#log,
      startOf(write, { action: 'redeploy', ref, module, before: current }),
      () =>
        client.patch(
          ref,
          { metadata: { uid, resourceVersion }, spec: { env } },
          { signal },
        ),
    );
    return this.#written.view(ref.cluster, written, findings);
  }

  async delete(write: EntityWrite & { ref: ModuleRef }): Promise<void> {
    const { ref, signal } = write;
    const { current, client } = await this.#owned(write);
    await recorded(
      this.#log,
      startOf(write, { action: 'delete', ref, before: current }),
      () => client.delete(ref, { uid: current.metadata.uid, signal }),
    );
  }

  async #owned(write: EntityWrite & { ref: ModuleRef }) {
    const client = this.#clusters.client(
      write.ref.cluster,
      write.caller.cluster,
    );
    const current = await client.get(write.ref, { signal: write.signal });
    checkModuleOwner(current, stringifyEntityRef(write.entity));
    return { current, client };
  }

  /** What runs already may be changed in other ways, also where it would not be let in today. */
  async #verifyChange(
    current: WasmModule,
    next: WasmModule,
    signal: AbortSignal,
  ): Promise<Finding[]> {
    return next.spec.image === current.spec.image
      ? []
      : this.#verifier.verify(next.spec.image, { signal });
  }
}

/** @internal */
export function requireSameName(module: WasmModule, ref: ModuleRef): void {
  const { name, namespace } = module.metadata;
  if (name !== ref.name || (namespace ?? ref.namespace) !== ref.namespace) {
    throw new WasiError('INPUT_INVALID', {
      message: `The module is named ${
        namespace ?? ref.namespace
      }/${name}, the address ${ref.namespace}/${ref.name}.`,
      remedy: 'A module cannot be renamed: create another one.',
    });
  }
}

function requireVersion(module: WasmModule): void {
  if (!module.metadata.resourceVersion) {
    throw new WasiError('INPUT_INVALID', {
      message: 'The module has no `metadata.resourceVersion`.',
      remedy: 'Send the module as it was read, with your changes.',
    });
  }
}
