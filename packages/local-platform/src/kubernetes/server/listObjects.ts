import type { KubernetesObject } from '../ObjectStore';
import {
  qualifiedName,
  type ResourceDefinition,
} from '../resources/ResourceDefinition';
import type { JsonObject } from '../schema/Schema';
import { parseFieldSelector } from '../selectors/fieldSelector';
import { parseLabelSelector } from '../selectors/labelSelector';
import { badRequest, expired, versionTooLarge } from '../status/refusals';
import type { ApiRequest } from './ApiRequest';
import { readPage, writePage } from './continueToken';
import { requireListOptions } from './listOptions';
import { Representer } from './represent';
import { sendJson } from './sendJson';

/** Tells whether an object is one of those that a request selects. */
export type Selection = (object: KubernetesObject) => boolean;

/** `GET` of a collection. */
export function handleList(request: ApiRequest): void {
  const representer = Representer.for(request, 'list');
  const { objects, metadata } = listObjects(request);
  sendJson(request.response, 200, representer.list(objects, metadata));
}

/**
 * The selected objects, or one page of them.
 *
 * @throws KubernetesStatusError 400 for a selector that cannot be read, 410 for a page of a forgotten version.
 */
export function listObjects({ api, path, query, definition }: ApiRequest): {
  objects: KubernetesObject[];
  metadata: {
    resourceVersion: string;
    continue?: string;
    remainingItemCount?: number;
  };
} {
  requireListOptions(query, 'list');
  const selects = selectionOf(query, definition, path.name);
  const limit = wholeNumber(query, 'limit') ?? 0;
  const page = readPage(query.get('continue'), path.namespace);
  const { versioned } = api.objects;
  const current = versioned.currentVersion;
  const version = page?.version ?? exactVersion(query, current) ?? current;
  const namespace = path.namespace || undefined;
  const everything = versioned.listAt(
    version,
    qualifiedName(definition),
    namespace,
  );
  if (!everything) {
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
    );
  }
  const rest = everything
    .filter(object => !page || orderOf(object) > page.after)
    .filter(selects);
  const objects = limit > 0 ? rest.slice(0, limit) : rest;
  const remaining = rest.length - objects.length;
  const selective = query.get('labelSelector') || query.get('fieldSelector');
  return {
    objects,
    metadata: {
      resourceVersion: String(version),
      ...(remaining > 0 && {
        continue: writePage(
          { version, after: orderOf(objects[objects.length - 1]) },
          path.namespace,
        ),
        ...(!selective && { remainingItemCount: remaining }),
      }),
    },
  };
}

/** @throws KubernetesStatusError 400 */
export function selectionOf(
  query: URLSearchParams,
  definition: ResourceDefinition,
  name = '',
): Selection {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(
    query.get('fieldSelector') ?? '',
    definition,
  );
  return object =>
    (!name || object.metadata.name === name) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object as unknown as JsonObject);
}

/** @throws KubernetesStatusError 400 */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') {
    return undefined;
  }
  if (!/^[+-]?\d+$/.test(text) || !isInt64(text)) {
    throw badRequest(
      `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${
        /^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
      }`,
    );
  }
  // What is below none is none.
  return Math.max(0, Number(text));
}

function isInt64(text: string): boolean {
  const number = BigInt(text);
  return BigInt.asIntN(64, number) === number;
}

/** @throws what `refusal` makes of a text that is no version */
export function askedVersion(
  query: URLSearchParams,
  refusal: (wrong: string) => Error,
): number | undefined {
  const text = query.get('resourceVersion');
  if (text && !/^\d{1,15}$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw refusal(
      `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
    );
  }
  return text ? Number(text) : undefined;
}

function exactVersion(
  query: URLSearchParams,
  current: number,
): number | undefined {
  const asked = askedVersion(query, wrong =>
    badRequest(`invalid resource version: ${wrong}`),
  );
  if (asked !== undefined && asked > current) {
    throw versionTooLarge(asked, current);
  }
  return query.get('resourceVersionMatch') === 'Exact' ? asked : undefined;
}

function orderOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
