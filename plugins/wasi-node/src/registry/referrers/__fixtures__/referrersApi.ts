import { createHash } from 'node:crypto';
import type {
  Interception,
  ScriptedRegistry,
} from '../../__fixtures__/scriptedRegistry';

const indexType = 'application/vnd.oci.image.index.v1+json';

export const sha256 = (bytes: Uint8Array | string) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** What a registry with the referrers API adds to one without. */
export function referrersApi(
  registry: () => ScriptedRegistry,
  options: { pageSize?: number; filters?: boolean } = {},
): Interception {
  const { pageSize = Infinity, filters = true } = options;
  return ({ method, url, response, request }) => {
    if (method === 'PUT' && url.pathname.includes('/manifests/')) {
      // Set before the registry answers by itself.
      response.setHeader('oci-subject', 'sha256:as-it-was');
      return false;
    }
    const [, subject] = /\/referrers\/([^/]+)$/.exec(url.pathname) ?? [];
    if (!subject || request.method !== 'GET') {
      return false;
    }
    const wanted = filters ? url.searchParams.get('artifactType') : null;
    const all = attachedTo(registry(), subject).filter(
      ({ artifactType }) => !wanted || artifactType === wanted,
    );
    const start = Number(url.searchParams.get('start') ?? 0);
    const end = start + pageSize;
    url.searchParams.set('start', String(end));
    response.writeHead(200, {
      'content-type': indexType,
      ...(end < all.length && {
        link: `<${url.pathname}${url.search}>; rel="next"`,
      }),
    });
    response.end(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: indexType,
        manifests: all.slice(start, end),
      }),
    );
    return true;
  };
}

function attachedTo({ manifests }: ScriptedRegistry, subject: string) {
  return [...manifests]
    .filter(([reference]) => reference.startsWith('sha256:'))
    .map(([digest, { bytes, contentType }]) => ({
      ...JSON.parse(bytes.toString()),
      digest,
      size: bytes.length,
      mediaType: contentType,
    }))
    .filter(manifest => manifest.subject?.digest === subject)
    .map(({ digest, size, mediaType, artifactType, annotations }) => ({
      digest,
      size,
      mediaType,
      artifactType,
      annotations,
    }));
}

/** An image that the registry has, by digest. */
export function storeImage(registry: ScriptedRegistry, name = 'team/hello') {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: {},
      layers: [],
      annotations: { name },
    }),
  );
  const contentType = 'application/vnd.oci.image.manifest.v1+json';
  registry.manifests.set(sha256(bytes), { bytes, contentType });
  const digest = sha256(bytes);
  return {
    image: `${registry.host}/${name}@${digest}`,
    digest,
    size: bytes.length,
  };
}
