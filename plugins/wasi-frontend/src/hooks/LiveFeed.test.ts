import {
  WasiError,
  type ModuleListAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { progressingModule, readyModule } from '../__fixtures__/modules';
import { LocalPage } from '../__testUtils__/LocalPage';
import { LiveFeed, type LiveFeedOptions } from './LiveFeed';
import type { ModulesState } from './LiveState';
import { paceOfModules } from './useModules';

const NOW = Date.parse('2026-11-01T10:00:00Z');
const settled: ModuleListAnswer = {
  items: [readyModule(NOW)],
  problems: [],
  missing: [],
};

function startFeed(options: {
  load: jest.Mock<Promise<ModuleListAnswer>>;
  signals?: boolean;
  calm?: boolean;
}) {
  const states: ModulesState[] = [];
  const page = new LocalPage();
  let signal = () => {};
  const feed = new LiveFeed({
    paceOf: paceOfModules,
    calm: options.calm,
    load: options.load,
    subscribe: options.signals
      ? onChange => {
          signal = onChange;
          return () => {
            signal = () => {};
          };
        }
      : undefined,
    onState: state => states.push(state),
    page: page as unknown as LiveFeedOptions<ModuleListAnswer>['page'],
    now: Date.now,
  });
  feed.start();
  return { feed, states, page, signal: () => signal() };
}

const pass = (milliseconds: number) =>
  jest.advanceTimersByTimeAsync(milliseconds);

describe('LiveFeed', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: NOW });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks again within a second of a signal', async () => {
    const load = jest.fn(async () => settled);
    const { feed, signal } = startFeed({ load, signals: true });
    await pass(5_000);
    expect(load).toHaveBeenCalledTimes(1);

    signal();
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('answers a burst of signals with one request', async () => {
    const load = jest.fn(async () => settled);
    const { feed, signal } = startFeed({ load, signals: true });
    await pass(100);

    signal();
    signal();
    signal();
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('asks once more when a signal comes while an answer is on its way', async () => {
    let answer: (value: ModuleListAnswer) => void = () => {};
    const load = jest
      .fn<Promise<ModuleListAnswer>, []>()
      .mockImplementationOnce(
        () =>
          new Promise(resolve => {
            answer = resolve;
          }),
      )
      .mockResolvedValue(settled);
    const { feed, signal } = startFeed({ load, signals: true });
    signal();
    answer(settled);
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('makes up for lost signals by a slow poll', async () => {
    const load = jest.fn(async () => settled);
    const { feed } = startFeed({ load, signals: true });
    await pass(10_000);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('polls slowly without signals where something else tells of changes', async () => {
    const load = jest.fn(async () => settled);
    const { feed } = startFeed({ load, calm: true });
    await pass(9_000);
    expect(load).toHaveBeenCalledTimes(1);
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it.each([
    { why: 'without signals', signals: false, answer: settled },
    {
      why: 'while a module is on its way',
      signals: true,
      answer: { ...settled, items: [progressingModule(NOW)] },
    },
  ])('polls within two seconds $why', async ({ signals, answer }) => {
    const load = jest.fn(async () => answer);
    const { feed } = startFeed({ load, signals });
    await pass(2_000);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('is silent while the page is hidden and asks at once when it is seen', async () => {
    const load = jest.fn(async () => settled);
    const { feed, page } = startFeed({ load });
    await pass(100);
    page.turn('hidden');
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(1);

    page.turn('visible');
    await pass(0);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('keeps what was known when a later request fails, and says why', async () => {
    const failure = new WasiError('BACKEND_UNREACHABLE', {
      message: 'The connection failed.',
    });
    const load = jest
      .fn<Promise<ModuleListAnswer>, []>()
      .mockResolvedValueOnce(settled)
      .mockRejectedValueOnce(failure)
      .mockResolvedValue(settled);
    const { feed, states } = startFeed({ load });
    await pass(2_000);
    expect(states).toEqual([
      { phase: 'loaded', answer: settled, receivedAt: NOW },
      {
        phase: 'loaded',
        answer: settled,
        receivedAt: NOW,
        staleBecause: failure,
      },
    ]);

    await pass(5_000);
    expect(states[2]).toEqual({
      phase: 'loaded',
      answer: settled,
      receivedAt: expect.any(Number),
    });
    feed.stop();
  });

  it('takes data off the page and stops asking once reading it is refused', async () => {
    const refusal = new WasiError('PERMISSION_DENIED', {
      message: 'You may not read the modules of hello.',
    });
    const load = jest
      .fn<Promise<ModuleListAnswer>, []>()
      .mockResolvedValueOnce(settled)
      .mockRejectedValue(refusal);
    const { feed, states } = startFeed({ load });
    await pass(60_000);
    expect(states.at(-1)).toEqual({ phase: 'failed', error: refusal });
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('neither asks nor reports after it was stopped', async () => {
    const load = jest.fn(async () => settled);
    const { feed, states, page } = startFeed({ load });
    feed.stop();
    page.turn('visible');
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    expect(states).toEqual([]);
  });
});
