import {
  WasiError,
  type LogLine,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { LogListener } from '../apis';
import { LocalPage } from '../__testUtils__/LocalPage';
import { LogFollower, type LogFollowState } from './LogFollower';

const at = (second: number) =>
  new Date(Date.UTC(2026, 10, 1, 10, 0, second)).toISOString();
const line = (text: string, second: number): LogLine => ({
  line: text,
  at: at(second),
});

/** A backend whose streams the test ends by hand. */
function startFollower(
  options: { begin?: LogLine[][]; lines?: LogLine[] } = {},
) {
  const streams: {
    listener: LogListener;
    signal: AbortSignal;
    end: (error?: WasiError) => void;
  }[] = [];
  const states: LogFollowState[] = [];
  const page = new LocalPage();
  const follower = new LogFollower({
    open: (listener, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => resolve());
        const begin = options.begin?.[streams.length] ?? [];
        streams.push({
          listener,
          signal,
          end: error => (error ? reject(error) : resolve()),
        });
        listener.onOpen();
        begin.forEach(listener.onLine);
      }),
    onState: state => states.push(state),
    page: page as unknown as Document,
    now: Date.now,
    lines: options.lines,
  });
  follower.start();
  return { follower, streams, states, page };
}

const pass = (milliseconds: number) =>
  jest.advanceTimersByTimeAsync(milliseconds);
const texts = (states: LogFollowState[]) =>
  states.at(-1)?.lines.map(one => one.line);

describe('LogFollower', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.UTC(2026, 10, 1) });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('shows lines that come together in one go', async () => {
    const { follower, states } = startFollower({
      begin: [[line('a', 1), line('b', 2)]],
    });
    await pass(0);
    expect(texts(states)).toEqual(['a', 'b']);
    expect(states.map(({ phase }) => phase)).toEqual([
      'connecting',
      'following',
      'following',
    ]);
    follower.stop();
  });

  it('connects again when the backend ends a long stream, and repeats no line', async () => {
    const { follower, streams, states } = startFollower({
      begin: [
        [line('a', 1), line('b', 2)],
        [line('b', 2), line('c', 3)],
      ],
    });
    await pass(60_000);
    streams[0].end();
    await pass(0);
    expect(streams).toHaveLength(2);
    expect(texts(states)).toEqual(['a', 'b', 'c']);
    follower.stop();
  });

  it('shows a line twice that was written twice', async () => {
    const { follower, states } = startFollower({
      begin: [[line('tick', 1), line('tick', 2)]],
    });
    await pass(0);
    expect(texts(states)).toEqual(['tick', 'tick']);
    follower.stop();
  });

  it('starts anew where lines have no times to tell them by', async () => {
    const { follower, streams, states } = startFollower({
      begin: [
        [{ line: 'a', source: 'module' }],
        [
          { line: 'a', source: 'module' },
          { line: 'b', source: 'module' },
        ],
      ],
    });
    await pass(60_000);
    streams[0].end();
    await pass(0);
    expect(texts(states)).toEqual(['a', 'b']);
    follower.stop();
  });

  it('keeps what was read when the portal says why a log ends, and says it once', async () => {
    const why = { line: 'The log ends here: the cluster is gone.' };
    const { follower, streams, states } = startFollower({
      begin: [[line('a', 1)], [why], [why]],
    });
    for (const index of [0, 1]) {
      await pass(60_000);
      streams[index].end();
    }
    await pass(0);
    expect(streams).toHaveLength(3);
    expect(texts(states)).toEqual(['a', why.line]);
    follower.stop();
  });

  it('waits longer each time while the connection breaks, and keeps what was read', async () => {
    const { follower, streams, states } = startFollower({
      begin: [[line('a', 1)]],
    });
    const broken = new WasiError('BACKEND_UNREACHABLE', {
      message: 'The connection failed.',
    });
    const connectedAt: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await pass(0);
      const stream = streams[round];
      const before = Date.now();
      stream.end(broken);
      await pass(0);
      expect(states.at(-1)).toEqual({
        phase: 'waiting',
        lines: [line('a', 1)],
        cut: false,
        error: broken,
      });
      while (streams.length === round + 1) {
        await pass(500);
      }
      connectedAt.push(Date.now() - before);
    }
    expect(connectedAt).toEqual([1_000, 2_000, 4_000, 8_000]);
    follower.stop();
  });

  it('does not try again what is refused', async () => {
    const { follower, streams, states } = startFollower();
    const refusal = new WasiError('PERMISSION_DENIED', { message: 'No.' });
    await pass(0);
    streams[0].end(refusal);
    await pass(120_000);
    expect(streams).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ phase: 'refused', error: refusal });
    follower.stop();
  });

  it('holds no connection while the page is hidden', async () => {
    const { follower, streams, page } = startFollower();
    await pass(0);
    page.turn('hidden');
    expect(streams[0].signal.aborted).toBe(true);
    await pass(120_000);
    expect(streams).toHaveLength(1);
    page.turn('visible');
    await pass(0);
    expect(streams).toHaveLength(2);
    follower.stop();
  });

  it('holds none after it was stopped, and reports nothing more', async () => {
    const { follower, streams, states, page } = startFollower();
    await pass(0);
    follower.stop();
    const reported = states.length;
    streams[0].listener.onLine(line('late', 9));
    page.turn('hidden');
    page.turn('visible');
    await pass(60_000);
    expect(streams).toHaveLength(1);
    expect(streams[0].signal.aborted).toBe(true);
    expect(states).toHaveLength(reported);
  });

  it('keeps the newest thousand lines, and says that it does', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) =>
      line(`${index}`, index),
    );
    const { follower, states } = startFollower({ begin: [many] });
    await pass(0);
    expect(states.at(-1)?.lines).toHaveLength(1_000);
    expect(texts(states)?.at(-1)).toBe('1199');
    expect(states.at(-1)?.cut).toBe(true);
    follower.stop();
  });

  it('goes on after a pause from what is shown', async () => {
    const { follower, states } = startFollower({
      lines: [line('a', 1)],
      begin: [[line('a', 1), line('b', 2)]],
    });
    await pass(0);
    expect(texts(states)).toEqual(['a', 'b']);
    follower.stop();
  });
});
