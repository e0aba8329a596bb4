import type { KubernetesObject } from '../ObjectStore';
import type { Change } from '../persistence/VersionedObjects';
import { apiVersionOf, qualifiedName } from '../resources/ResourceDefinition';
import type { ApiRequest } from '../server/ApiRequest';
import {
  askedVersion,
  selectionOf,
  wholeNumber,
  type Selection,
} from '../server/listObjects';
import { requireListOptions } from '../server/listOptions';
import { Representer } from '../server/represent';
import { expired, plainError, versionTooLarge } from '../status/refusals';

const BOOKMARK_INTERVAL_SECONDS = 60;
/** The last bookmark comes so long before the end, that it is surely read. */
const BOOKMARK_BEFORE_END_SECONDS = 2;
const DEFAULT_TIMEOUT_SECONDS = 30 * 60;
/** A client that does not read is cut off rather than kept in memory. */
const MAXIMUM_UNREAD_BYTES = 16 * 1024 * 1024;

type WatchEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
};

/**
 * `GET …?watch=true`: one line of JSON for every change.
 *
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export function handleWatch(apiRequest: ApiRequest): void {
  const { api, query, definition, path, response } = apiRequest;
  const representer = Representer.for(apiRequest, 'stream');
  requireListOptions(query, 'watch');
  const selects = selectionOf(query, definition, path.name);
  const { versioned } = api.objects;
  const resource = qualifiedName(definition);
  const from = startOf(apiRequest);
  const bookmarks = query.get('allowWatchBookmarks') === 'true';
  const timeoutSeconds =
    wholeNumber(query, 'timeoutSeconds') || DEFAULT_TIMEOUT_SECONDS;

  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, private',
    'Transfer-Encoding': 'chunked',
  });
  response.flushHeaders();

  let isFirst = true;
  const send = (type: string, object: object) => {
    if (response.destroyed || response.writableEnded) {
      return;
    }
    response.write(`${JSON.stringify({ type, object })}\n`);
    if (response.writableLength > MAXIMUM_UNREAD_BYTES) {
      response.destroy();
    }
  };
  const sendEvent = ({ type, object }: WatchEvent) => {
    send(type, representer.object(object, { withColumns: isFirst }));
    isFirst = false;
  };
  const sendBookmark = (annotations?: Record<string, string>) =>
    send('BOOKMARK', {
      kind: definition.kind,
      apiVersion: apiVersionOf(definition),
      metadata: {
        resourceVersion: String(versioned.currentVersion),
        ...(annotations && { annotations }),
      },
    });
  const isOurs = (change: Change) =>
    change.key.resource === resource &&
    (!path.namespace || change.key.namespace === path.namespace);
  const hear = (change: Change) => {
    const event = isOurs(change) && toEvent(change, selects);
    if (event) {
      sendEvent(event);
    }
  };

  if (from === undefined) {
    versioned
      .list(resource, path.namespace || undefined)
      .filter(selects)
      .forEach(object => sendEvent({ type: 'ADDED', object }));
    if (query.get('sendInitialEvents') === 'true' && bookmarks) {
      sendBookmark({ 'k8s.io/initial-events-end': 'true' });
    }
  } else {
    const missed = versioned.changesSince(from);
    if (!missed) {
      send(
        'ERROR',
        expired(
          `too old resource version: ${from} (${versioned.currentVersion})`,
        ).status,
      );
      response.end();
      return;
    }
    missed.forEach(hear);
  }

  const unsubscribe = versioned.subscribe(hear);
  const lastBookmarkSeconds = timeoutSeconds - BOOKMARK_BEFORE_END_SECONDS;
  const timers = bookmarks
    ? [
        setInterval(sendBookmark, BOOKMARK_INTERVAL_SECONDS * 1000),
        ...(lastBookmarkSeconds > 0
          ? [setTimeout(sendBookmark, lastBookmarkSeconds * 1000)]
          : []),
      ]
    : [];
  timers.forEach(timer => timer.unref());
  const finish = () => response.end();
  const timeout = setTimeout(finish, timeoutSeconds * 1000).unref();
  api.closing.addEventListener('abort', finish, { once: true });
  response.once('close', () => {
    unsubscribe();
    timers.forEach(timer => clearTimeout(timer));
    clearTimeout(timeout);
    api.closing.removeEventListener('abort', finish);
  });
}

/**
 * The version to go on from; undefined to tell of everything that exists first.
 *
 * @throws KubernetesStatusError 400, 504
 */
function startOf({ api, query }: ApiRequest): number | undefined {
  const version = askedVersion(query, plainError);
  const initial = query.get('sendInitialEvents');
  const current = api.objects.versioned.currentVersion;
  if (version !== undefined && version > current) {
    throw versionTooLarge(version, current);
  }
  if (initial !== null) {
    return initial === 'true' ? undefined : version || current;
  }
  return version || undefined;
}

/** What a change is for a client that sees only the selected objects. */
function toEvent(change: Change, selects: Selection): WatchEvent | undefined {
  const { object, previous, version } = change;
  const was = previous !== undefined && selects(previous);
  const is = object !== undefined && selects(object);
  if (is) {
    return { type: was ? 'MODIFIED' : 'ADDED', object };
  }
  return was
    ? {
        type: 'DELETED',
        object: {
          ...previous,
          metadata: { ...previous.metadata, resourceVersion: String(version) },
        },
      }
    : undefined;
}
