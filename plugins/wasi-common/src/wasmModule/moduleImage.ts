import { WasiError } from '../diagnosis';
import type { FuncConfig } from '../funcYaml';
import { formatImageReference, parseImageReference } from '../imageReference';

/**
 * The image reference that a func.yaml names: `image`, else registry and name
 * with the tag `latest`, as func does.
 *
 * @param options - `tag` replaces the tag
 * @throws {@link WasiError} `IMAGE_UNKNOWN`, `IMAGE_REFERENCE_INVALID`
 * @public
 */
export function moduleImage(
  config: FuncConfig,
  options: { tag?: string } = {},
): string {
  const { tag } = options;
  if (config.image !== undefined) {
    const { host, repository, ...pinned } = parseImageReference(config.image);
    return formatImageReference({
      host,
      repository,
      ...(tag === undefined ? pinned : { tag }),
      ...(tag === undefined &&
        Object.keys(pinned).length === 0 && { tag: 'latest' }),
    });
  }
  const registry = config.registry?.replace(/^\/+|\/+$/g, '');
  if (!registry) {
    throw new WasiError('IMAGE_UNKNOWN', {
      message: `func.yaml of ${config.name} names neither registry nor image`,
    });
  }
  const reference = `${withHost(registry)}/${config.name}:${tag ?? 'latest'}`;
  return formatImageReference(parseImageReference(reference));
}

/** func takes a registry of one word for an account of Docker Hub. */
function withHost(registry: string): string {
  const isAccount =
    !registry.includes('/') &&
    !/[.:]/.test(registry) &&
    registry !== 'localhost';
  return isAccount ? `docker.io/${registry}` : registry;
}
