import { resolveLocation } from '../foreignUrl';
import { dropBody, headerOf, readBody } from '../readBody';
import { RegistryFailure } from '../RegistryFailure';
import type { RegistrySession } from '../registrySession';
import type { TransportResponse } from '../transport';
import { readFallbackTag } from './fallbackTag';
import { readIndexRows, readReferrer } from './referrerIndex';
import { INDEX_TYPE } from './referrerManifest';
import type { ReferrerList } from './types';

// Whoever may push can attach; who looks must not have to read all of it.
const maxReferrers = 1_000;
const maxRows = 20_000;
const maxPages = 20;
const maxPageBytes = 4 * 1024 * 1024;

/** What is attached, and whether the registry has an API for it. */
export interface ListedReferrers extends ReferrerList {
  api: boolean;
}

/**
 * Lists what is attached to a digest.
 *
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 *
 * @throws RegistryFailure
 */
export async function listReferrers(
  session: RegistrySession,
  options: { subject: string; artifactType?: string; signal?: AbortSignal },
): Promise<ListedReferrers> {
  const { subject, artifactType, signal } = options;
  const rows: unknown[] = [];
  const seen = new Set<string>();
  let to: string | URL = artifactType
    ? `referrers/${subject}?artifactType=${encodeURIComponent(artifactType)}`
    : `referrers/${subject}`;
  for (let page = 0; ; page++) {
    const response: TransportResponse = await session.request({
      to,
      method: 'GET',
      headers: { accept: INDEX_TYPE },
      // What registries without the API answer.
      expect: page === 0 ? [200, 400, 404, 405, 406] : [200],
      action: 'list what is attached to',
      retry: 'safe',
      signal,
    });
    if (page === 0 && !isIndex(response)) {
      await dropBody(response);
      const tagged = await readFallbackTag(session, { subject, signal });
      return { ...select(tagged?.rows ?? [], artifactType), api: false };
    }
    rows.push(...(await readPage(session, response, signal)));
    const next = nextPage(session, response);
    if (!next) {
      return { ...select(rows, artifactType), api: true };
    }
    if (seen.has(next.href) || seen.size >= maxPages || rows.length > maxRows) {
      return { ...select(rows, artifactType), complete: false, api: true };
    }
    seen.add(next.href);
    to = next;
  }
}

function isIndex(response: TransportResponse): boolean {
  const type = headerOf(response, 'content-type')?.split(';')[0].trim();
  // Some registries answer with the type of all of their JSON.
  return (
    response.status === 200 &&
    [INDEX_TYPE, 'application/json'].includes(type ?? '')
  );
}

async function readPage(
  session: RegistrySession,
  response: TransportResponse,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const bytes = await readBody(response, {
    maxBytes: maxPageBytes,
    what: 'a list of what is attached',
    signal,
  });
  const rows = readIndexRows(bytes);
  if (!rows) {
    throw new RegistryFailure('REGISTRY_UNEXPECTED', {
      message: `Registry ${session.target.host} lists what is attached in ${session.target.repository} in a way that cannot be read`,
    });
  }
  return rows;
}

/** Rows that can be fetched, each once, which may be of the type that is wanted: not all registries filter. */
function select(rows: unknown[], artifactType?: string): ReferrerList {
  const found = new Map(
    rows
      .slice(0, maxRows)
      .map(readReferrer)
      .filter(referrer => referrer !== undefined)
      .filter(
        referrer =>
          !artifactType ||
          referrer.artifactType === undefined ||
          referrer.artifactType === artifactType,
      )
      .map(referrer => [referrer.digest, referrer]),
  );
  return {
    referrers: [...found.values()].slice(0, maxReferrers),
    complete: rows.length <= maxRows && found.size <= maxReferrers,
  };
}

// https://www.rfc-editor.org/rfc/rfc8288
function nextPage(
  { target }: RegistrySession,
  response: TransportResponse,
): URL | undefined {
  const link = /<([^<>]*)>\s*;[^,]*\brel="?next"?/i.exec(
    headerOf(response, 'link') ?? '',
  );
  return link ? resolveLocation(link[1], response.url, target) : undefined;
}
