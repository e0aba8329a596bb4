import { performance } from 'node:perf_hooks';
import { formatBytes } from '@wasi-functions/backstage-plugin-wasi-common';
import { buildMemory } from './buildMemory';

const HEARTBEAT_MS = 15_000;

/**
 * A part of a build, in the order of a build that has them all.
 *
 * @public
 */
export type BuildPhase =
  | 'check tools'
  | 'stage sources'
  | 'fetch'
  | 'compile'
  | 'componentize'
  | 'optimise'
  | 'check';

/** What a phase is called while it goes on. */
const DOING: Record<BuildPhase, string> = {
  'check tools': 'checking tools',
  'stage sources': 'staging sources',
  fetch: 'fetching',
  compile: 'compiling',
  componentize: 'componentizing',
  optimise: 'optimising',
  check: 'checking',
};

/**
 * Tells a person where a build is, how long it took to get there, and, when a
 * tool says nothing, that it is still at work.
 *
 * @internal
 */
export class BuildProgress {
  private readonly log: (line: string) => void;
  private readonly durations = new Map<BuildPhase, number>();
  private readonly heartbeat: NodeJS.Timeout;
  private readonly memory: () => Promise<number | undefined>;
  private current: { phase: BuildPhase; since: number } | undefined;

  /**
   * @param options - `scratch`: folder whose path the processes of the build
   * know; `heartbeatMs`: silence after which a line is written.
   */
  constructor(options: {
    log: (line: string) => void;
    scratch: string;
    heartbeatMs?: number;
    memory?: () => Promise<number | undefined>;
  }) {
    this.log = options.log;
    this.memory = options.memory ?? (() => buildMemory(options.scratch));
    this.heartbeat = setInterval(
      () => this.beat(),
      options.heartbeatMs ?? HEARTBEAT_MS,
    ).unref();
  }

  /** Does the work of a phase; one inside another takes its own time out of the outer one's. */
  async run<Value>(
    phase: BuildPhase,
    work: () => Promise<Value>,
    /** What it came to, such as a size. */
    describe?: (value: Value) => string | undefined,
  ): Promise<Value> {
    const outer = this.current;
    const before = this.durations.get(phase) ?? 0;
    this.enter(phase);
    try {
      const value = await work();
      this.leave();
      const took = (this.durations.get(phase) ?? 0) - before;
      const words = [`${(took / 1000).toFixed(1)} s`, describe?.(value)];
      this.output(`${phase}: ${words.filter(Boolean).join(', ')}`);
      return value;
    } finally {
      this.leave();
      if (outer) {
        this.enter(outer.phase);
      }
    }
  }

  /** A line for the log, which breaks the silence. */
  output(line: string): void {
    this.heartbeat.refresh();
    this.log(line);
  }

  /** The phases there were, in the order they began. */
  phases(): { name: BuildPhase; durationMs: number }[] {
    return [...this.durations].map(([name, durationMs]) => ({
      name,
      durationMs: Math.round(durationMs),
    }));
  }

  close(): void {
    this.current = undefined;
    clearInterval(this.heartbeat);
  }

  private enter(phase: BuildPhase): void {
    this.leave();
    this.durations.set(phase, this.durations.get(phase) ?? 0);
    this.current = { phase, since: performance.now() };
  }

  private leave(): void {
    if (this.current) {
      const { phase, since } = this.current;
      this.durations.set(
        phase,
        (this.durations.get(phase) ?? 0) + performance.now() - since,
      );
      this.current = undefined;
    }
  }

  private async beat(): Promise<void> {
    const asked = this.current;
    if (!asked) {
      return;
    }
    const bytes = await this.memory();
    // The phase may have ended while we looked.
    if (this.current === asked) {
      const seconds = Math.round((performance.now() - asked.since) / 1000);
      this.output(
        [
          `still ${DOING[asked.phase]}`,
          `${seconds} s`,
          ...(bytes ? [formatBytes(bytes)] : []),
        ].join(', '),
      );
    }
  }
}
