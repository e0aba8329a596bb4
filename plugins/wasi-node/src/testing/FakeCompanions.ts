import type {
  KnativeRevision,
  KnativeService,
  ModuleEvent,
  WasiError,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  Companion,
  CompanionList,
  CompanionResource,
  CompanionWatchEvent,
  ModuleName,
} from '../cluster';
import { ObjectHistory } from './ObjectHistory';

interface Kept {
  history: ObjectHistory<Companion>;
  rows: Map<string, Companion>;
  refusal?: WasiError;
}

/** What Knative and events tell of the modules of a {@link FakeWasmModuleClient}. @internal */
export class FakeCompanions {
  readonly #kept: Record<CompanionResource, Kept> = {
    services: newKept(),
    revisions: newKept(),
    events: newKept(),
  };

  setService(ref: ModuleName, service: KnativeService | undefined): void {
    this.#set('services', ref, service ? [{ service }] : []);
  }

  setRevisions(ref: ModuleName, revisions: KnativeRevision[]): void {
    this.#set(
      'revisions',
      ref,
      revisions.map(revision => ({ revision })),
    );
  }

  setEvents(ref: ModuleName, events: ModuleEvent[]): void {
    this.#set(
      'events',
      ref,
      events.map(event => ({ event })),
    );
  }

  events(ref: ModuleName): ModuleEvent[] {
    return this.#of('events', ref).flatMap(({ tells }) =>
      'event' in tells ? [tells.event] : [],
    );
  }

  refuse(resource: CompanionResource, error: WasiError | undefined): void {
    this.#kept[resource].refusal = error;
    if (error) {
      this.#kept[resource].history.cut(error);
    }
  }

  cut(error: WasiError): void {
    for (const { history } of Object.values(this.#kept)) {
      history.cut(error);
    }
  }

  list(
    resource: CompanionResource,
    of: { namespace?: string; name?: string },
  ): CompanionList {
    const { rows, history, refusal } = this.#kept[resource];
    if (refusal) {
      throw refusal;
    }
    return {
      items: [...rows.values()].filter(isOf(of)),
      resourceVersion: String(history.version),
    };
  }

  async *watch(
    resource: CompanionResource,
    options: {
      namespace?: string;
      resourceVersion: string;
      signal?: AbortSignal;
    },
  ): AsyncGenerator<CompanionWatchEvent, void, void> {
    const { history, refusal } = this.#kept[resource];
    if (refusal) {
      throw refusal;
    }
    const selected = isOf({ namespace: options.namespace });
    const from = Number(options.resourceVersion);
    for await (const change of history.follow(from, options.signal)) {
      if (change.type === 'OPENED') {
        yield change;
      } else if (selected(change.object)) {
        yield {
          type: change.type,
          kept: change.object,
          resourceVersion: change.object.resourceVersion,
        };
      }
    }
  }

  #of(resource: CompanionResource, ref: ModuleName): Companion[] {
    return [...this.#kept[resource].rows.values()].filter(
      ({ namespace, name }) => namespace === ref.namespace && name === ref.name,
    );
  }

  #set(
    resource: CompanionResource,
    ref: ModuleName,
    told: Companion['tells'][],
  ): void {
    const { rows, history } = this.#kept[resource];
    const { namespace, name } = ref;
    for (const gone of this.#of(resource, ref)) {
      rows.delete(gone.id);
      history.add('DELETED', gone);
    }
    told.forEach((tells, index) => {
      const id = `${namespace}.${name}.${index}`;
      rows.set(id, history.add('ADDED', { namespace, name, id, tells }));
    });
  }
}

function newKept(): Kept {
  return {
    history: new ObjectHistory((row, resourceVersion) => ({
      ...row,
      resourceVersion,
    })),
    rows: new Map(),
  };
}

function isOf({ namespace, name }: { namespace?: string; name?: string }) {
  return (row: Companion) =>
    (!namespace || row.namespace === namespace) && (!name || row.name === name);
}
