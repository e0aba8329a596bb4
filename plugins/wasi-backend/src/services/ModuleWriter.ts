import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  ANNOTATION_ENTITY_REF,
  ANNOTATION_KUBERNETES_ID,
  ANNOTATION_KUBERNETES_NAMESPACE,
  LABEL_KUBERNETES_ID,
  parseWasmModule,
  preflight,
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
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
  type ModuleCache,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ModulePatch } from '../schema/requests';
import type { Caller } from './Callers';
import { keepIdentity, refuseIdentityChange } from './keepIdentity';
import { unmaskEnv } from './maskEnv';
import type { ModuleReader } from './ModuleReader';

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
 * into a cluster.
 *
 * @internal
 */
export class ModuleWriter {
  readonly #clusters: Clusters;
  readonly #cache: Pick<ModuleCache, 'observe'>;
  readonly #reader: Pick<ModuleReader, 'view'>;
  readonly #verifier: ImageVerifier;

  constructor(options: {
    clusters: Clusters;
    cache: Pick<ModuleCache, 'observe'>;
    reader: Pick<ModuleReader, 'view'>;
    verifier: ImageVerifier;
  }) {
    this.#clusters = options.clusters;
    this.#cache = options.cache;
    this.#reader = options.reader;
    this.#verifier = options.verifier;
  }

  async create(
    write: EntityWrite & { cluster?: string; module: unknown },
  ): Promise<ModuleView> {
    const client = this.#clusters.client(write.cluster, write.caller.cluster);
    const wanted = parseWasmModule(write.module);
    const { name, namespace, labels, annotations } = wanted.metadata;
    const { annotations: entityAnnotations, name: entityName } =
      write.entity.metadata;
    const module = checked({
      apiVersion: WASM_MODULE_API_VERSION,
      kind: WASM_MODULE_KIND,
      metadata: {
        name,
        namespace:
          namespace ??
          entityAnnotations?.[ANNOTATION_KUBERNETES_NAMESPACE] ??
          'default',
        labels: {
          ...labels,
          [LABEL_KUBERNETES_ID]:
            entityAnnotations?.[ANNOTATION_KUBERNETES_ID] ?? entityName,
        },
        annotations: {
          ...annotations,
          [ANNOTATION_ENTITY_REF]: stringifyEntityRef(write.entity),
        },
      },
      spec: { ...wanted.spec, env: unmaskEnv(wanted.spec.env, undefined) },
    });
    const findings = await this.#verifier.verify(module.spec.image, write);
    return this.#written(
      client.cluster,
      await client.create(module, { signal: write.signal }),
      findings,
    );
  }

  async replace(
    write: EntityWrite & { ref: ModuleRef; module: unknown },
  ): Promise<ModuleView> {
    const { ref, signal } = write;
    const wanted = parseWasmModule(write.module);
    requireSameName(wanted, ref);
    const { current, client } = await this.#owned(write);
    const { managedFields, ...kept } = current.metadata;
    const module = checked({
      apiVersion: WASM_MODULE_API_VERSION,
      kind: WASM_MODULE_KIND,
      metadata: {
        ...kept,
        ...keepIdentity(wanted.metadata, current.metadata),
        resourceVersion: wanted.metadata.resourceVersion,
      },
      spec: {
        ...wanted.spec,
        env: unmaskEnv(wanted.spec.env, current.spec.env),
      },
    });
    const findings = await this.#verifyChange(current, module, signal);
    return this.#written(
      ref.cluster,
      await client.replace(module, { signal }),
      findings,
    );
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
      checked(next);
      if (patch.spec.env) {
        sent.spec = { ...patch.spec, env };
        // Values that came from the cluster must not overwrite newer ones.
        sent.metadata.resourceVersion ??= resourceVersion;
      }
    }
    const findings = await this.#verifyChange(current, next, signal);
    return this.#written(
      ref.cluster,
      await client.patch(ref, sent, { signal }),
      findings,
    );
  }

  async delete(write: EntityWrite & { ref: ModuleRef }): Promise<void> {
    const { current, client } = await this.#owned(write);
    await client.delete(write.ref, {
      uid: current.metadata.uid,
      signal: write.signal,
    });
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

  async #written(
    cluster: string,
    module: WasmModule,
    findings: Finding[],
  ): Promise<ModuleView> {
    this.#cache.observe(cluster, module);
    const view = await this.#reader.view({
      ref: {
        cluster,
        namespace: module.metadata.namespace ?? 'default',
        name: module.metadata.name,
      },
      module,
      observedAt: new Date().toISOString(),
    });
    return { ...view, findings: [...view.findings, ...findings] };
  }
}

/** Refuses what the controller or the runner would not run. */
function checked(module: WasmModule): WasmModule {
  const errors = preflight(module).filter(
    ({ severity }) => severity === 'error',
  );
  if (errors.length === 0) {
    return module;
  }
  throw new WasiError('MODULE_INVALID', {
    message: `WasmModule ${module.metadata.namespace}/${
      module.metadata.name
    } would not run: ${errors.map(({ message }) => message).join(' ')}`,
    remedy: errors[0].remedy,
    findings: errors,
  });
}

function requireSameName(module: WasmModule, ref: ModuleRef): void {
  const { name, namespace, resourceVersion } = module.metadata;
  if (name !== ref.name || (namespace ?? ref.namespace) !== ref.namespace) {
    throw new WasiError('INPUT_INVALID', {
      message: `The module is named ${
        namespace ?? ref.namespace
      }/${name}, the address ${ref.namespace}/${ref.name}.`,
      remedy: 'A module cannot be renamed: create another one.',
    });
  }
  if (!resourceVersion) {
    throw new WasiError('INPUT_INVALID', {
      message: 'The module has no `metadata.resourceVersion`.',
      remedy: 'Send the module as it was read, with your changes.',
    });
  }
}
