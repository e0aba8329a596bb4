import type { KubernetesObject } from '../ObjectStore';
import { Journal, type JournalRecord } from './Journal';

/** Where an object stands; `namespace` is empty for objects without one. */
export interface ObjectKey {
  /** Plural name with its group, such as `wasmmodules.wasm.serving.knative.dev`. */
  resource: string;
  namespace: string;
  name: string;
}

/** One change, with what was there before. */
export interface Change {
  version: number;
  key: ObjectKey;
  object?: KubernetesObject;
  previous?: KubernetesObject;
}

/** Changes that a watch can go back by. */
const HISTORY_LENGTH = 2_000;
const COMPACTION_BYTES = 8 * 1024 * 1024;

/**
 * Objects with one version counter for all, kept on disk and remembered for
 * as many changes as a watch may ask for.
 *
 * Objects are never changed in place, so they may be handed out as they are;
 * whoever gives them to others copies them.
 */
export class VersionedObjects {
  private readonly objects = new Map<string, Map<string, KubernetesObject>>();
  private readonly history: Change[] = [];
  private readonly listeners = new Set<(change: Change) => void>();
  private readonly unheard: Change[] = [];
  private telling = false;
  private version: number;
  private oldest: number;

  private constructor(
    private readonly journal: Journal,
    version: number,
    private readonly historyLength: number,
  ) {
    this.version = version;
    this.oldest = version;
  }

  /**
   * @param options - `firstVersion`: where counting starts in an empty folder.
   */
  static open(
    directory: string,
    options: { firstVersion: number; historyLength?: number },
  ): VersionedObjects {
    const { journal, snapshot, records } = Journal.open(directory);
    const objects = new VersionedObjects(
      journal,
      // Without a snapshot, the history begins with the first record.
      snapshot.version || (records[0]?.version ?? options.firstVersion + 1) - 1,
      options.historyLength ?? HISTORY_LENGTH,
    );
    for (const record of snapshot.records) {
      objects.remember(record);
    }
    for (const record of records) {
      objects.record(objects.remember(record));
    }
    return objects;
  }

  get currentVersion(): number {
    return this.version;
  }

  /** Names of the resources that there are objects of. */
  resources(): string[] {
    return [...this.objects.keys()].filter(
      resource => this.objects.get(resource)!.size > 0,
    );
  }

  get(key: ObjectKey): KubernetesObject | undefined {
    return this.objects.get(key.resource)?.get(pathOf(key));
  }

  /** Sorted by namespace and name. */
  list(resource: string, namespace?: string): KubernetesObject[] {
    return this.entries(resource, namespace).map(([, object]) => object);
  }

  /**
   * What {@link VersionedObjects.list} answered at an earlier version;
   * undefined where that is forgotten.
   */
  listAt(
    version: number,
    resource: string,
    namespace?: string,
  ): KubernetesObject[] | undefined {
    const changes = this.changesSince(version);
    if (!changes) {
      return undefined;
    }
    const then = new Map(this.entries(resource, namespace));
    for (const { key, previous } of changes.reverse()) {
      if (
        key.resource !== resource ||
        (namespace !== undefined && key.namespace !== namespace)
      ) {
        continue;
      }
      if (previous) {
        then.set(pathOf(key), previous);
      } else {
        then.delete(pathOf(key));
      }
    }
    return sorted(then).map(([, object]) => object);
  }

  /** Changes after a version; undefined where some of them are forgotten. */
  changesSince(version: number): Change[] | undefined {
    return version < this.oldest
      ? undefined
      : this.history.filter(change => change.version > version);
  }

  /** Writes the object with the next version as its `metadata.resourceVersion`. */
  put(key: ObjectKey, object: KubernetesObject): KubernetesObject {
    const version = this.version + 1;
    const written = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(version) },
    };
    this.commit({ version, ...key, object: written });
    return written;
  }

  /** Answers the object as it was last, with the version of its removal. */
  remove(key: ObjectKey): KubernetesObject | undefined {
    const last = this.get(key);
    if (!last) {
      return undefined;
    }
    const version = this.version + 1;
    this.commit({ version, ...key });
    return {
      ...last,
      metadata: { ...last.metadata, resourceVersion: String(version) },
    };
  }

  /** Calls back after every change; returns the function that ends it. */
  subscribe(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.listeners.clear();
    this.journal.close();
  }

  private commit(record: JournalRecord): void {
    this.journal.append(record);
    const change = this.remember(record);
    this.record(change);
    if (this.journal.size > COMPACTION_BYTES) {
      this.compact();
    }
    this.unheard.push(change);
    this.tellListeners();
  }

  // A listener may write: its change waits until everyone has heard this one.
  private tellListeners(): void {
    if (this.telling) {
      return;
    }
    this.telling = true;
    for (
      let change = this.unheard.shift();
      change;
      change = this.unheard.shift()
    ) {
      for (const listener of [...this.listeners]) {
        try {
          listener(change);
        } catch (error) {
          // A defect of the listener, not of the writer: raised apart.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    }
    this.telling = false;
  }

  private compact(): void {
    const records = [...this.objects.keys()].flatMap(resource =>
      this.list(resource).map(object => ({
        version: Number(object.metadata.resourceVersion),
        resource,
        namespace: object.metadata.namespace ?? '',
        name: object.metadata.name,
        object,
      })),
    );
    this.journal.compact({ version: this.version, records });
  }

  private remember(record: JournalRecord): Change {
    const { version, resource, namespace, name, object } = record;
    const key = { resource, namespace, name };
    const path = pathOf(key);
    const siblings = this.objects.get(resource) ?? new Map();
    this.objects.set(resource, siblings);
    const previous = siblings.get(path);
    if (object) {
      siblings.set(path, object);
    } else {
      siblings.delete(path);
    }
    this.version = Math.max(this.version, version);
    return { version, key, object, previous };
  }

  private record(change: Change): void {
    this.history.push(change);
    while (this.history.length > this.historyLength) {
      this.oldest = this.history.shift()!.version;
    }
  }

  private entries(
    resource: string,
    namespace?: string,
  ): [string, KubernetesObject][] {
    const all = this.objects.get(resource) ?? new Map();
    return sorted(all).filter(
      ([path]) => namespace === undefined || path.startsWith(`${namespace}/`),
    );
  }
}

function pathOf(key: ObjectKey): string {
  return `${key.namespace}/${key.name}`;
}

function sorted(objects: Map<string, KubernetesObject>) {
  return [...objects].sort(([left], [right]) => (left < right ? -1 : 1));
}
