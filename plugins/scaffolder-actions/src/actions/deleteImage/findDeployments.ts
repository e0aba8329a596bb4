import {
  isWasiError,
  parseImageReference,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  ArtifactManifest,
  Clusters,
  ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';

/**
 * The modules, of all clusters, that would lose their image: those that name its
 * digest, an entry of the index that it is, or a tag that leads to either.
 *
 * @returns `cluster/namespace/name` of each
 * @throws WasiError of a cluster that does not answer: what it runs is not known then.
 */
export async function findDeployments(
  manifest: ArtifactManifest,
  options: {
    clusters: Clusters;
    registry: Pick<ModuleRegistry, 'describe'>;
    signal?: AbortSignal;
  },
): Promise<string[]> {
  const { clusters, registry, signal } = options;
  const digests = new Set([
    manifest.digest,
    ...(manifest.entries ?? []).map(({ digest }) => digest),
  ]);
  const repository = repositoryOf(manifest.image);
  const found: string[] = [];
  for (const { name: cluster } of clusters.names()) {
    const { items, rejected } = await clusters.client(cluster).list({ signal });
    if (rejected.length) {
      const [{ namespace, name }] = rejected;
      throw new WasiError('MODULE_INVALID', {
        message: `${cluster}/${namespace}/${name} cannot be read, so it is not known which image it runs.`,
      });
    }
    for (const { metadata, spec } of items) {
      const image = spec.image.replace(/^oci:\/\//, '');
      if (
        repositoryOf(image) === repository &&
        digests.has(await digestOf(image, registry, signal))
      ) {
        found.push(
          `${cluster}/${metadata.namespace ?? 'default'}/${metadata.name}`,
        );
      }
    }
  }
  return found;
}

function repositoryOf(image: string): string | undefined {
  try {
    const { host, repository } = parseImageReference(image);
    return `${host}/${repository}`;
  } catch {
    // Such a module runs nothing at all.
    return undefined;
  }
}

async function digestOf(
  image: string,
  registry: Pick<ModuleRegistry, 'describe'>,
  signal?: AbortSignal,
): Promise<string> {
  const { digest } = parseImageReference(image);
  if (digest) {
    return digest;
  }
  try {
    return (await registry.describe(image, { signal })).digest;
  } catch (error) {
    if (isWasiError(error) && error.code === 'REGISTRY_NOT_FOUND') {
      return '';
    }
    throw error;
  }
}
