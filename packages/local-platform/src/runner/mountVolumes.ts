import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  Volume,
  WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { GuestDirectory } from '@wasi-functions/backstage-plugin-wasi-node';
import { z } from 'zod';
import type { KubernetesObject, ObjectStore } from '../kubernetes';
import { kindOf } from './checkSpec';
import { RunnerFailure } from './RunnerFailure';

const itemsSchema = z
  .array(z.object({ key: z.string(), path: z.string() }))
  .optional();
const sourceSchema = z.object({
  secretName: z.string().optional(),
  name: z.string().optional(),
  optional: z.boolean().optional(),
  items: itemsSchema,
});
const projectedSchema = z.object({
  sources: z
    .array(
      z.object({
        secret: sourceSchema.optional(),
        configMap: sourceSchema.optional(),
      }),
    )
    .default([]),
});
const stringsSchema = z.record(z.string(), z.string()).default({});

/**
 * Writes a module's volumes below `directory`, which is emptied first, and
 * tells what the guest is to see of them.
 *
 * @throws RunnerFailure `failed` where a Secret, ConfigMap or key does not exist.
 * @internal
 */
export async function mountVolumes(
  module: WasmModule,
  options: { directory: string; store: ObjectStore },
): Promise<GuestDirectory[]> {
  const { directory, store } = options;
  const namespace = module.metadata.namespace ?? 'default';
  const { volumes = [], volumeMounts = [] } = module.spec;
  await rm(directory, { recursive: true, force: true });
  for (const volume of volumes) {
    const root = join(directory, volume.name);
    await mkdir(root, { recursive: true });
    for (const [path, content] of filesOf(volume, { store, namespace })) {
      const target = join(root, path);
      if (!target.startsWith(`${root}/`)) {
        throw failed(volume, `path ${path} leaves the volume`);
      }
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
  }
  return await Promise.all(
    volumeMounts.map(async mount => {
      const volume = volumes.find(({ name }) => name === mount.name)!;
      const root = join(directory, mount.name);
      const hostPath = join(root, mount.subPath ?? '');
      if (hostPath !== root && !hostPath.startsWith(`${root}/`)) {
        throw failed(volume, `subPath ${mount.subPath} leaves the volume`);
      }
      const writable = kindOf(volume) === 'emptyDir';
      if (writable) {
        await mkdir(hostPath, { recursive: true });
      }
      return {
        hostPath,
        guestPath: mount.mountPath,
        // Knative makes every other kind read-only, whatever the mount says.
        readOnly: mount.readOnly === true || !writable,
      };
    }),
  );
}

type Files = [path: string, content: Buffer][];

function filesOf(
  volume: Volume,
  where: { store: ObjectStore; namespace: string },
): Files {
  switch (kindOf(volume)) {
    case 'secret':
      return readSource(volume, 'secrets', { source: volume.secret, ...where });
    case 'configMap':
      return readSource(volume, 'configmaps', {
        source: volume.configMap,
        ...where,
      });
    case 'projected':
      return projectedSchema
        .parse(volume.projected)
        .sources.flatMap(({ secret, configMap }) => [
          ...(secret
            ? readSource(volume, 'secrets', { source: secret, ...where })
            : []),
          ...(configMap
            ? readSource(volume, 'configmaps', { source: configMap, ...where })
            : []),
        ]);
    default:
      return [];
  }
}

function readSource(
  volume: Volume,
  resource: 'secrets' | 'configmaps',
  options: { source: unknown; store: ObjectStore; namespace: string },
): Files {
  const { store, namespace } = options;
  const source = sourceSchema.parse(options.source);
  const name = source.secretName ?? source.name ?? '';
  const kind = resource === 'secrets' ? 'secret' : 'configmap';
  const object = store.get(resource, namespace, name);
  if (!object) {
    if (source.optional) {
      return [];
    }
    throw failed(volume, `${kind} "${name}" not found`);
  }
  const content = contentOf(resource, object);
  if (!source.items) {
    return [...content];
  }
  return source.items.flatMap(({ key, path }): Files => {
    const value = content.get(key);
    if (!value) {
      if (source.optional) {
        return [];
      }
      throw failed(volume, `references non-existent ${kind} key: ${key}`);
    }
    return [[path, value]];
  });
}

function contentOf(
  resource: 'secrets' | 'configmaps',
  object: KubernetesObject,
): Map<string, Buffer> {
  const { data, binaryData } = z
    .object({ data: stringsSchema, binaryData: stringsSchema })
    .parse(object);
  const encoding = resource === 'secrets' ? 'base64' : 'utf8';
  return new Map([
    ...Object.entries(data).map(
      ([key, value]) => [key, Buffer.from(value, encoding)] as const,
    ),
    ...Object.entries(binaryData).map(
      ([key, value]) => [key, Buffer.from(value, 'base64')] as const,
    ),
  ]);
}

function failed(volume: Volume, why: string): RunnerFailure {
  return new RunnerFailure(
    'failed',
    `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`,
  );
}
