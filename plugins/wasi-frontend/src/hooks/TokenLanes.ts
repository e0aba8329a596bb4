import type { ModuleListAnswer } from '@wasi-functions/backstage-plugin-wasi-common';
import { LiveFeed, type LiveFeedOptions } from './LiveFeed';
import type { ModulesState } from './LiveState';
import { paceOfModules } from './useModules';

/** What is known of clusters that are asked one by one, by name. */
export type LaneStates = ReadonlyMap<string, ModulesState>;

interface TokenLanesOptions
  extends Pick<LiveFeedOptions<ModuleListAnswer>, 'page' | 'now'> {
  load: (cluster: string, signal: AbortSignal) => Promise<ModuleListAnswer>;
  onStates: (states: LaneStates) => void;
}

/**
 * Keeps current what each cluster of a list shows to a user's own token.
 *
 * Nothing is heard of such a cluster but by asking, so that each has a pace of its
 * own and none waits for another.
 */
export class TokenLanes {
  readonly #options: TokenLanesOptions;
  readonly #feeds = new Map<string, LiveFeed<ModuleListAnswer>>();
  #states: LaneStates = new Map();

  constructor(options: TokenLanesOptions) {
    this.#options = options;
  }

  /** These clusters, and no others from now on. */
  follow(clusters: readonly string[]): void {
    for (const [cluster, feed] of [...this.#feeds]) {
      if (!clusters.includes(cluster)) {
        feed.stop();
        this.#feeds.delete(cluster);
        this.#set(cluster, undefined);
      }
    }
    for (const cluster of clusters) {
      if (!this.#feeds.has(cluster)) {
        this.#start(cluster);
      }
    }
  }

  /** Asks all of them now. */
  refresh(): void {
    this.#feeds.forEach(feed => feed.refresh());
  }

  stop(): void {
    this.#feeds.forEach(feed => feed.stop());
    this.#feeds.clear();
  }

  #start(cluster: string): void {
    const { load, page, now } = this.#options;
    const feed = new LiveFeed<ModuleListAnswer>({
      load: signal => load(cluster, signal),
      onState: state => this.#set(cluster, state),
      // Each answer costs the cluster some requests, for this user alone.
      calm: true,
      paceOf: paceOfModules,
      page,
      now,
    });
    this.#feeds.set(cluster, feed);
    this.#set(cluster, { phase: 'loading' });
    feed.start();
  }

  #set(cluster: string, state: ModulesState | undefined): void {
    const states = new Map(this.#states);
    if (state) {
      states.set(cluster, state);
    } else {
      states.delete(cluster);
    }
    this.#states = states;
    this.#options.onStates(states);
  }
}
