import type { ManifestStore } from './ManifestStore';
import { compareTags } from './ManifestStore';
import { INDEX_MEDIA_TYPE } from './manifestDocument';
import { RegistryError } from './RegistryError';
import {
  methodNotAllowed,
  sendJson,
  type RegistryExchange,
} from './RegistryExchange';

/**
 * Lists tags, page by page where the client asks for it.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
 *
 * @internal
 */
export async function handleTags(
  exchange: RegistryExchange,
  manifests: ManifestStore,
  name: string,
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed('GET');
  }
  const all = await manifests.tags(name);
  if (!all) {
    throw new RegistryError(404, 'NAME_UNKNOWN', 'repository unknown');
  }
  const last = exchange.query.get('last');
  const rest = last ? all.filter(tag => compareTags(tag, last) > 0) : all;
  const count = readCount(exchange.query.get('n'));
  const tags = rest.slice(0, count);
  const next = new URLSearchParams({
    n: String(count),
    last: tags.at(-1) ?? '',
  });
  sendJson(
    exchange,
    200,
    { name, tags },
    tags.length && tags.length < rest.length
      ? { link: `</v2/${name}/tags/list?${next}>; rel="next"` }
      : {},
  );
}

/**
 * Lists the manifests that have the given one as their subject.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 *
 * @internal
 */
export async function handleReferrers(
  exchange: RegistryExchange,
  manifests: ManifestStore,
  target: { name: string; digest: string },
): Promise<void> {
  if (exchange.method !== 'GET') {
    throw methodNotAllowed('GET');
  }
  const artifactType = exchange.query.get('artifactType');
  const referrers = await manifests.referrers(target.name, target.digest);
  sendJson(
    exchange,
    200,
    {
      schemaVersion: 2,
      mediaType: INDEX_MEDIA_TYPE,
      manifests: referrers.filter(
        referrer => !artifactType || referrer.artifactType === artifactType,
      ),
    },
    {
      'content-type': INDEX_MEDIA_TYPE,
      ...(artifactType && { 'oci-filters-applied': 'artifactType' }),
    },
  );
}

function readCount(text: string | null): number {
  if (text === null) {
    return Infinity;
  }
  if (!/^\d{1,9}$/.test(text)) {
    throw new RegistryError(400, 'UNSUPPORTED', 'n must be a number');
  }
  return Number(text);
}
