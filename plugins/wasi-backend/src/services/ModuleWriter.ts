import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  ENV_REDEPLOYED_AT,
  parseWasmModule,
  WasiError,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  applyMergePatch,
  checkModuleOwner,
  readExisting,
  type Clusters,
  type WasmModuleClient,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { ModulePatch } from '../schema/requests';
import { composeNew, composeReplacement } from './composeModule';
import { refuseIdentityChange } from './keepIdentity';
import { unmaskEnv } from './maskEnv';
import {
  ModuleChange,
  type ChangeParts,
  type ComposedChange,
  type EntityWrite,
} from './ModuleChange';
import { ModuleDeletion } from './ModuleDeletion';

type ModuleWrite = EntityWrite & { ref: ModuleRef };

/**
 * Composes what creates, changes and deletes modules of an entity.
 *
 * Each write reads the module from the cluster first, not from the cache, and
 * refuses one that belongs to another entity. An image is verified before it gets
 * into a cluster, and a change is in the history before it is made.
 *
 * @internal
 */
export class ModuleWriter {
  readonly #clusters: Clusters;
  readonly #parts: ChangeParts;

  constructor(options: ChangeParts & { clusters: Clusters }) {
    this.#clusters = options.clusters;
    this.#parts = options;
  }

  create(
    write: EntityWrite & { cluster?: string; module: unknown },
  ): ModuleChange {
    return new ModuleChange(this.#parts, write, async () => {
      const client = this.#clusters.client(write.cluster, write.caller.cluster);
      const wanted = parseWasmModule(write.module);
      return creation(client, composeNew(write.entity, wanted), write.signal);
    });
  }

  /** Of a module as it was read, by its `metadata.resourceVersion`. */
  replace(write: ModuleWrite & { module: unknown }): ModuleChange {
    return new ModuleChange(this.#parts, write, async () => {
      const wanted = readWanted(write);
      requireVersion(wanted);
      const owned = await this.#owned(write);
      return replacement(owned, { wanted, ...write });
    });
  }

  /** A replace, or a create where there is none. */
  apply(write: ModuleWrite & { module: unknown }): ModuleChange {
    return new ModuleChange(this.#parts, write, async () => {
      const { entity, ref, signal } = write;
      const wanted = readWanted(write);
      const client = this.#clusters.client(ref.cluster, write.caller.cluster);
      const current = await readExisting(client, ref, signal);
      if (!current) {
        const metadata = { ...wanted.metadata, namespace: ref.namespace };
        const module = composeNew(entity, { ...wanted, metadata });
        return creation(client, module, signal);
      }
      checkModuleOwner(current, stringifyEntityRef(entity));
      const { resourceVersion } = { ...current.metadata, ...wanted.metadata };
      const metadata = { ...wanted.metadata, resourceVersion };
      return replacement(
        { client, current },
        { wanted: { ...wanted, metadata }, ref, signal },
      );
    });
  }

  patch(write: ModuleWrite & { patch: ModulePatch }): ModuleChange {
    return new ModuleChange(this.#parts, write, async () => {
      const { ref, patch } = write;
      const { current, client } = await this.#owned(write);
      refuseIdentityChange(patch.metadata ?? {}, current.metadata);
      const merged = parseWasmModule(applyMergePatch(current, patch));
      const env = unmaskEnv(merged.spec.env, current.spec.env);
      // A removal of all of it stays one.
      const spec = patch.spec?.env ? { ...patch.spec, env } : patch.spec;
      return {
        ref,
        client,
        action: 'update',
        current,
        module: { ...merged, spec: { ...merged.spec, env } },
        send: ({ dryRun }) =>
          client.patch(
            ref,
            {
              metadata: { ...versionOf(current), ...patch.metadata },
              ...(spec && { spec }),
            },
            { dryRun, signal: write.signal },
          ),
      };
    });
  }

  /** Makes a new revision of what runs, which pulls the image anew. */
  redeploy(write: ModuleWrite & { at?: string }): ModuleChange {
    const { ref, signal, at = new Date().toISOString() } = write;
    return new ModuleChange(this.#parts, write, async () => {
      const { current, client } = await this.#owned(write);
      const env = [
        ...(current.spec.env ?? []).filter(
          ({ name }) => name !== ENV_REDEPLOYED_AT,
        ),
        { name: ENV_REDEPLOYED_AT, value: at },
      ];
      const patch = { metadata: versionOf(current), spec: { env } };
      return {
        ref,
        client,
        action: 'redeploy',
        current,
        module: { ...current, spec: { ...current.spec, env } },
        send: ({ dryRun }) => client.patch(ref, patch, { dryRun, signal }),
      };
    });
  }

  delete(write: ModuleWrite): ModuleDeletion {
    return new ModuleDeletion(this.#parts.log, write, () => this.#owned(write));
  }

  async #owned(write: ModuleWrite): Promise<OwnedModule> {
    const client = this.#clusters.client(
      write.ref.cluster,
      write.caller.cluster,
    );
    const current = await client.get(write.ref, { signal: write.signal });
    checkModuleOwner(current, stringifyEntityRef(write.entity));
    return { current, client };
  }
}

interface OwnedModule {
  client: WasmModuleClient;
  current: WasmModule;
}

function creation(
  client: WasmModuleClient,
  module: WasmModule,
  signal: AbortSignal,
): ComposedChange {
  const { name, namespace = 'default' } = module.metadata;
  return {
    ref: { cluster: client.cluster, namespace, name },
    client,
    action: 'create',
    current: undefined,
    module,
    send: ({ dryRun }) => client.create(module, { dryRun, signal }),
  };
}

function replacement(
  { client, current }: OwnedModule,
  options: { wanted: WasmModule; ref: ModuleRef; signal: AbortSignal },
): ComposedChange {
  const { wanted, ref, signal } = options;
  const module = composeReplacement(wanted, current);
  return {
    ref,
    client,
    action: 'update',
    current,
    module,
    send: ({ dryRun }) => client.replace(module, { dryRun, signal }),
  };
}

/** The module whose owner was checked as it was then, not one that has its name since. */
function versionOf({ metadata }: WasmModule) {
  const { uid, resourceVersion } = metadata;
  return { uid, resourceVersion };
}

function readWanted({
  ref,
  module,
}: {
  ref: ModuleRef;
  module: unknown;
}): WasmModule {
  const wanted = parseWasmModule(module);
  const { name, namespace } = wanted.metadata;
  if (name !== ref.name || (namespace ?? ref.namespace) !== ref.namespace) {
    throw new WasiError('INPUT_INVALID', {
      message: `The module is named ${
        namespace ?? ref.namespace
      }/${name}, the address ${ref.namespace}/${ref.name}.`,
      remedy: 'A module cannot be renamed: create another one.',
    });
  }
  return wanted;
}

function requireVersion(module: WasmModule): void {
  if (!module.metadata.resourceVersion) {
    throw new WasiError('INPUT_INVALID', {
      message: 'The module has no `metadata.resourceVersion`.',
      remedy: 'Send the module as it was read, with your changes.',
    });
  }
}
