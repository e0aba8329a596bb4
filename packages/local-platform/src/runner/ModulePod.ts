import { randomInt } from 'node:crypto';
import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { ProcessFailure } from '@wasi-functions/backstage-plugin-wasi-node';
import type { KubernetesObject, ObjectStore } from '../kubernetes';
import { timestamp } from './timestamp';

const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

interface Pod extends KubernetesObject {
  spec: { containers: object[]; nodeName: string };
  status: object;
}

type ContainerState =
  | { phase: 'starting' }
  | { phase: 'running' }
  | { phase: 'failing'; message: string };

/**
 * The pod that stands for a running revision, so that its log is found as on Knative.
 *
 * @internal
 */
export class ModulePod {
  readonly namespace: string;
  readonly name: string;
  readonly #store: ObjectStore;
  readonly #now: () => Date;
  readonly #image: string;
  #state: ContainerState = { phase: 'starting' };
  #restarts = 0;
  #last: object | undefined;

  constructor(
    store: ObjectStore,
    module: WasmModule,
    options: { revision: string; name: string | undefined; now: () => Date },
  ) {
    const { name, namespace = 'default', uid } = module.metadata;
    const { revision, now } = options;
    this.#store = store;
    this.#now = now;
    this.#image = module.spec.image;
    this.namespace = namespace;
    this.name = options.name ?? `${revision}-deployment-${randomSuffix()}`;
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: this.name,
        namespace,
        labels: {
          'serving.knative.dev/service': name,
          'serving.knative.dev/configuration': name,
          'serving.knative.dev/revision': revision,
        },
        ownerReferences: [
          { apiVersion: module.apiVersion, kind: module.kind, name, uid },
        ],
      },
      spec: {
        containers: [
          {
            name: 'user-container',
            image: module.spec.image,
            ...(module.spec.resources && { resources: module.spec.resources }),
          },
        ],
        nodeName: 'local',
      },
      status: this.#status(),
    };
    store.create('pods', pod);
  }

  running(): void {
    this.#move({ phase: 'running' });
  }

  /** A start that failed; the next comes later. */
  failing(message: string): void {
    this.#last = terminated('Error', 1, { message, now: this.#now() });
    this.#restarts++;
    this.#move({ phase: 'failing', message });
  }

  /** A process that ended; another takes its place. */
  restarted(failure: ProcessFailure): void {
    const killed = failure.reason === 'out-of-memory';
    this.#last = terminated(killed ? 'OOMKilled' : 'Error', 137, {
      message: failure.message,
      now: this.#now(),
    });
    this.#restarts++;
    this.#move(
      failure.backoffMs > 0
        ? { phase: 'failing', message: failure.message }
        : this.#state,
    );
  }

  remove(): void {
    if (this.#store.get('pods', this.namespace, this.name)) {
      this.#store.delete('pods', this.namespace, this.name);
    }
  }

  #move(state: ContainerState): void {
    this.#state = state;
    const pod = this.#store.get<Pod>('pods', this.namespace, this.name);
    if (pod) {
      this.#store.update(
        'pods',
        { ...pod, status: this.#status() },
        { subresource: 'status' },
      );
    }
  }

  #status(): object {
    const ready = this.#state.phase === 'running';
    return {
      phase: this.#state.phase === 'starting' ? 'Pending' : 'Running',
      podIP: '127.0.0.1',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: 'user-container',
          image: this.#image,
          ready,
          started: ready,
          restartCount: this.#restarts,
          state: this.#containerState(),
          ...(this.#last && { lastState: this.#last }),
        },
      ],
    };
  }

  #containerState(): object {
    switch (this.#state.phase) {
      case 'starting':
        return { waiting: { reason: 'ContainerCreating' } };
      case 'running':
        return { running: { startedAt: timestamp(this.#now()) } };
      case 'failing':
        return {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: this.#state.message,
          },
        };
      default:
        throw new Error(`Unknown state ${this.#state satisfies never}`);
    }
  }
}

function randomSuffix(): string {
  return Array.from(
    { length: 5 },
    () => SUFFIX_LETTERS[randomInt(SUFFIX_LETTERS.length)],
  ).join('');
}

function terminated(
  reason: string,
  exitCode: number,
  options: { message: string; now: Date },
): object {
  const { message, now } = options;
  return {
    terminated: { reason, exitCode, message, finishedAt: timestamp(now) },
  };
}
