import {
  WasiError,
  type KnativeRevision,
  type KnativeService,
  type ModuleEvent,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { Companion, CompanionList, CompanionResource } from './companions';
import type { ResourceFollowEvent } from './followResource';
import { toVersion } from './resourceVersion';
import type { ModuleName } from './types';
import { untilAborted } from './untilAborted';

const WORDS: Record<CompanionResource, string> = {
  services: 'Knative Services',
  revisions: 'Knative Revisions',
  events: 'events',
};

/** What Knative and events tell of one module. @public */
export interface ModuleCompanions {
  service?: KnativeService;
  /** Newest last. */
  revisions: KnativeRevision[];
  /** Newest last; of the module and of what Knative made for it. */
  events: ModuleEvent[];
  /** Which of them were heard before and which after the module's last change, where that is known. */
  eventOrder: ReadonlyMap<ModuleEvent, 'before' | 'after'>;
  /** Why one of them is not known, by resource. */
  problems: Partial<Record<CompanionResource, WasiError>>;
}

/** What following a companion resource tells. @internal */
export type CompanionFollowEvent = ResourceFollowEvent<
  CompanionList,
  Companion
>;

// A watch begins with what happened while there was none, and two watches do not
// tell at the same moment.
const CATCHING_UP_MS = 2_000;
// So that a module that fails in a loop, or is deployed often, stays small.
const MAX_PER_MODULE: Record<CompanionResource, number> = {
  services: 1,
  revisions: 5,
  events: 10,
};
// What is told of a name before its module is known, or of no module at all.
const MAX_STRAYS = 1_000;

/**
 * What the companion resources of one cluster tell: follow events in, names of
 * the modules that they are about out.
 *
 * @internal
 */
export class ClusterCompanions {
  readonly #cluster: string;
  readonly #isModule: (key: string) => boolean;
  readonly #rows: Record<CompanionResource, Map<string, Companion[]>> = {
    services: new Map(),
    revisions: new Map(),
    events: new Map(),
  };
  readonly #problems: Partial<Record<CompanionResource, WasiError>> = {};
  readonly #listed = new Set<CompanionResource>();
  readonly #strays = new Set<string>();
  /** When events were heard as they happened, by `performance.now()`. */
  readonly #heardAt = new WeakMap<Companion, number>();
  #eventsAliveAt = performance.now();
  readonly #settled: Promise<void>;
  #settle: () => void = () => {};

  constructor(options: {
    cluster: string;
    /** Tells whether a module is known, by `namespace/name`. */
    isModule: (key: string) => boolean;
  }) {
    this.#cluster = options.cluster;
    this.#isModule = options.isModule;
    this.#settled = new Promise(resolve => {
      this.#settle = resolve;
    });
  }

  /** Resolves once each resource was listed or has a problem, or on abort. */
  settled(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#settled, signal);
  }

  /** Answers the modules about which something is new. */
  apply(
    resource: CompanionResource,
    event: CompanionFollowEvent,
  ): ModuleName[] {
    if (event.type === 'PROBLEM') {
      this.#problems[resource] = event.error;
      this.#settleOnceAllTold();
      return [];
    }
    delete this.#problems[resource];
    switch (event.type) {
      case 'LISTED':
        return this.#replaceAll(resource, event.list.items);
      case 'CHANGED':
        this.#hear(resource, event.kept);
        return this.#set(resource, event.kept);
      case 'DELETED':
        return this.#remove(resource, event.kept);
      default:
        this.#eventsAliveAt =
          resource === 'events' ? performance.now() : this.#eventsAliveAt;
        return [];
    }
  }

  #hear(resource: CompanionResource, row: Companion): void {
    const now = performance.now();
    if (resource === 'events' && now - this.#eventsAliveAt > CATCHING_UP_MS) {
      this.#heardAt.set(row, now);
    }
  }

  of(
    module: ModuleName & { uid?: string; changeHeardAt?: number },
  ): ModuleCompanions {
    const key = keyOf(module);
    const eventOrder = new Map<ModuleEvent, 'before' | 'after'>();
    const found: ModuleCompanions = {
      revisions: [],
      events: [],
      eventOrder,
      problems: this.#problemsNow(),
    };
    for (const rows of Object.values(this.#rows)) {
      for (const row of rows.get(key) ?? []) {
        const { tells } = row;
        if ('service' in tells) {
          found.service = tells.service;
        } else if ('revision' in tells) {
          found.revisions.push(tells.revision);
        } else if (!module.uid || !tells.ofUid || tells.ofUid === module.uid) {
          found.events.push(tells.event);
          const distance =
            (this.#heardAt.get(row) ?? NaN) - (module.changeHeardAt ?? NaN);
          if (Math.abs(distance) > CATCHING_UP_MS) {
            eventOrder.set(tells.event, distance > 0 ? 'after' : 'before');
          }
        }
      }
    }
    found.revisions.sort((a, b) => (a.generation ?? 0) - (b.generation ?? 0));
    found.events.sort((a, b) =>
      (a.lastSeen ?? '').localeCompare(b.lastSeen ?? ''),
    );
    return found;
  }

  #settleOnceAllTold(): void {
    const resources = Object.keys(this.#rows) as CompanionResource[];
    if (
      resources.every(
        resource => this.#listed.has(resource) || this.#problems[resource],
      )
    ) {
      this.#settle();
    }
  }

  #problemsNow(): ModuleCompanions['problems'] {
    const problems = { ...this.#problems };
    for (const resource of Object.keys(this.#rows) as CompanionResource[]) {
      if (!this.#listed.has(resource)) {
        problems[resource] ??= new WasiError('CLUSTER_UNREACHABLE', {
          message: `Cluster "${this.#cluster}" has not told its ${
            WORDS[resource]
          } yet.`,
          remedy: 'Wait a moment and load again.',
        });
      }
    }
    return problems;
  }

  #replaceAll(resource: CompanionResource, items: Companion[]): ModuleName[] {
    const before = this.#rows[resource];
    this.#rows[resource] = new Map();
    this.#listed.add(resource);
    for (const item of items) {
      this.#set(resource, item);
    }
    this.#settleOnceAllTold();
    const now = this.#rows[resource];
    const keys = new Set([...before.keys(), ...now.keys()]);
    return [...keys]
      .filter(key => !isSame(before.get(key), now.get(key)))
      .map(toName);
  }

  #set(resource: CompanionResource, row: Companion): ModuleName[] {
    const key = keyOf(row);
    const rows = this.#rows[resource];
    const known = rows.get(key) ?? [];
    const at = known.findIndex(({ id }) => id === row.id);
    if (at === -1) {
      known.push(row);
      if (known.length > MAX_PER_MODULE[resource]) {
        known.splice(leastTelling(known), 1);
      }
    } else {
      known[at] = row;
    }
    rows.set(key, known);
    this.#watchStray(key);
    return [toName(key)];
  }

  #remove(resource: CompanionResource, row: Companion): ModuleName[] {
    const key = keyOf(row);
    const rows = this.#rows[resource];
    const known = rows.get(key) ?? [];
    const left = known.filter(({ id }) => id !== row.id);
    if (left.length === known.length) {
      return [];
    }
    if (left.length > 0) {
      rows.set(key, left);
    } else {
      rows.delete(key);
    }
    return [toName(key)];
  }

  #watchStray(key: string): void {
    if (this.#isModule(key)) {
      return;
    }
    this.#strays.delete(key);
    this.#strays.add(key);
    if (this.#strays.size > MAX_STRAYS) {
      const [oldest] = this.#strays;
      this.#strays.delete(oldest);
      if (!this.#isModule(oldest)) {
        for (const rows of Object.values(this.#rows)) {
          rows.delete(oldest);
        }
      }
    }
  }

  /** Of a module that was deleted: its events stay a while in the cluster. */
  forget(module: ModuleName): void {
    this.#watchStray(keyOf(module));
  }
}

/** Which of too many to drop: a normal event before a warning, else the oldest. */
function leastTelling(rows: Companion[]): number {
  const weight = ({ tells, resourceVersion }: Companion) => ({
    warns: 'event' in tells && tells.event.type === 'Warning' ? 1 : 0,
    version: toVersion(resourceVersion) ?? 0n,
  });
  return rows.reduce((least, row, index) => {
    const [a, b] = [weight(rows[least]), weight(row)];
    const isLess =
      b.warns === a.warns ? b.version < a.version : b.warns < a.warns;
    return isLess ? index : least;
  }, 0);
}

function isSame(a: Companion[] = [], b: Companion[] = []): boolean {
  const versions = (rows: Companion[]) =>
    rows
      .map(({ id, resourceVersion }) => `${id}@${resourceVersion}`)
      .sort()
      .join();
  return a.length === b.length && versions(a) === versions(b);
}

// Neither a namespace nor a name has a slash.
function keyOf({ namespace, name }: ModuleName): string {
  return `${namespace}/${name}`;
}

function toName(key: string): ModuleName {
  const [namespace, name] = key.split('/');
  return { namespace, name };
}
