import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import type { CachedModule } from '@wasi-functions/backstage-plugin-wasi-node';
import type { ClusterChanges } from './ClusterChanges';
import type { DeploymentFollower } from './DeploymentFollower';
import type { DeploymentRecorder } from './DeploymentRecorder';

const TURN_EVERY_MS = 5_000;
const BATCH_MS = 100;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Keeps the history going: what is on its way, what has arrived, what others
 * change. One turn at a time, at once when something has changed.
 *
 * @internal
 */
export class History {
  readonly #recorder: DeploymentRecorder;
  readonly #follower: DeploymentFollower;
  readonly #changes: ClusterChanges;
  readonly #logger: LoggerService;
  #state: 'stopped' | 'waiting' | 'turning' = 'stopped';
  #timer: NodeJS.Timeout | undefined;
  #isSoon = false;
  #failures = 0;
  #turned: Promise<void> = Promise.resolve();

  constructor(options: {
    recorder: DeploymentRecorder;
    follower: DeploymentFollower;
    changes: ClusterChanges;
    logger: LoggerService;
  }) {
    this.#recorder = options.recorder;
    this.#follower = options.follower;
    this.#changes = options.changes;
    this.#logger = options.logger;
  }

  start(): void {
    this.#wait(0);
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    await this.#turned;
  }

  /** The cache has heard of these. */
  changed(refs: readonly ModuleRef[]): void {
    this.#changes.changed(refs);
    this.soon();
  }

  /** A user's own token has shown these. */
  async seen(items: readonly CachedModule[]): Promise<void> {
    try {
      await this.#follower.seen(items);
    } catch (error) {
      this.#logger.warn(
        'The deploy history has missed what a user saw; the next look tells it',
        error as Error,
      );
    }
  }

  /** There is something to follow. */
  soon(): void {
    // A database that does not answer is not asked again by each change.
    if (this.#isSoon || this.#failures > 0) {
      return;
    }
    this.#isSoon = true;
    if (this.#state === 'waiting') {
      clearTimeout(this.#timer);
      this.#wait(BATCH_MS);
    }
  }

  /** Does once what there is to do. */
  async turn(): Promise<void> {
    await this.#recorder.settleOwed();
    await this.#recorder.beat();
    await this.#follower.look();
    await this.#changes.record();
  }

  #wait(ms: number): void {
    this.#state = 'waiting';
    this.#timer = setTimeout(() => {
      this.#state = 'turning';
      this.#isSoon = false;
      this.#turned = this.#run();
    }, ms);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    let pause = TURN_EVERY_MS;
    try {
      await this.turn();
      this.#failures = 0;
    } catch (error) {
      pause = Math.min(pause * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures += 1;
      this.#logger.warn(
        `The deploy history is behind; it goes on in ${pause / 1000} s`,
        error as Error,
      );
    }
    // Ended meanwhile: the state is another one then.
    if ((this.#state as string) !== 'stopped') {
      this.#wait(this.#isSoon ? BATCH_MS : pause);
    }
  }
}
