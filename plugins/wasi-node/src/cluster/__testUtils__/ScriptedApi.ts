import type { ServerResponse } from 'node:http';
import type {
  ScriptedAnswer,
  SeenRequest,
} from '../../testing/startKubernetesServer';

interface Row {
  metadata: { name: string; namespace: string; resourceVersion?: string };
}

interface Change {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: Row;
}

/**
 * An API server that lists and watches as a real one does, and that a test can
 * make unwell: `fault` answers instead of it, or not.
 */
export class ScriptedApi {
  version = 100;
  fault: (request: SeenRequest) => ScriptedAnswer | undefined = () => undefined;
  readonly #resources = new Map<
    string,
    { rows: Map<string, Row>; changes: Change[] }
  >();
  readonly #watches = new Set<{ resource: string; response: ServerResponse }>();

  readonly answer = (request: SeenRequest): ScriptedAnswer => {
    const fault = this.fault(request);
    if (fault) {
      return fault;
    }
    const resource = request.path.split('/').at(-1)!;
    const { rows, changes } = this.#resource(resource);
    if (request.query.watch) {
      return {
        stream: response => {
          const watch = { resource, response };
          this.#watches.add(watch);
          response.on('close', () => this.#watches.delete(watch));
          for (const change of changes) {
            if (change.version > Number(request.query.resourceVersion)) {
              response.write(line(change));
            }
          }
        },
      };
    }
    const namespace = /\/namespaces\/([^/]+)\//.exec(request.path)?.[1];
    return {
      json: {
        metadata: { resourceVersion: String(this.version) },
        items: [...rows.values()].filter(
          row => !namespace || row.metadata.namespace === namespace,
        ),
      },
    };
  };

  set(resource: string, row: Row): void {
    const { rows } = this.#resource(resource);
    const key = `${row.metadata.namespace}/${row.metadata.name}`;
    this.#change(resource, rows.has(key) ? 'MODIFIED' : 'ADDED', row);
  }

  delete(resource: string, namespace: string, name: string): void {
    const row = this.#resource(resource).rows.get(`${namespace}/${name}`)!;
    this.#change(resource, 'DELETED', row);
  }

  /** Writes to every open watch of a resource as it is. */
  say(resource: string, text: string): void {
    for (const watch of this.#watches) {
      if (watch.resource === resource) {
        watch.response.write(text);
      }
    }
  }

  isWatched(resource: string): boolean {
    return [...this.#watches].some(watch => watch.resource === resource);
  }

  /** Cuts every connection of a watch, as the end of a server does. */
  cut(): void {
    for (const { response } of this.#watches) {
      response.destroy();
    }
  }

  /** Copies its state, to come back with it as from a backup. */
  backup(): () => void {
    const { version } = this;
    const kept = [...this.#resources].map(
      ([resource, { rows, changes }]): [
        string,
        { rows: Map<string, Row>; changes: Change[] },
      ] => [resource, { rows: new Map(rows), changes: [...changes] }],
    );
    return () => {
      this.version = version;
      this.#resources.clear();
      kept.forEach(([resource, state]) => this.#resources.set(resource, state));
    };
  }

  #resource(resource: string) {
    const known = this.#resources.get(resource) ?? {
      rows: new Map<string, Row>(),
      changes: [],
    };
    this.#resources.set(resource, known);
    return known;
  }

  #change(resource: string, type: Change['type'], row: Row): void {
    this.version += 1;
    const { rows, changes } = this.#resource(resource);
    const object = {
      ...row,
      metadata: { ...row.metadata, resourceVersion: String(this.version) },
    };
    const key = `${row.metadata.namespace}/${row.metadata.name}`;
    if (type === 'DELETED') {
      rows.delete(key);
    } else {
      rows.set(key, object);
    }
    const change = { version: this.version, type, object };
    changes.push(change);
    this.say(resource, line(change));
  }
}

function line({ type, object }: Change): string {
  return `${JSON.stringify({ type, object })}\n`;
}
