import { WorkQueue } from './WorkQueue';

/** A queue for each cluster: one that hangs holds up no other. @internal */
export class ClusterQueues {
  readonly #queues = new Map<string, WorkQueue>();
  readonly #atOnce: number;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  run<T>(cluster: string, work: () => Promise<T>): Promise<T> {
    let queue = this.#queues.get(cluster);
    if (!queue) {
      queue = new WorkQueue(this.#atOnce);
      this.#queues.set(cluster, queue);
    }
    return queue.run(work);
  }
}
