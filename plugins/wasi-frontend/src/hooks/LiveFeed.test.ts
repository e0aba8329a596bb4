import {
  WasiError,
  type ModuleListAnswer,
  type ModulesChangedSignal,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { progressingModule, readyModule } from '../__fixtures__/modules';
import { LocalPage } from '../__testUtils__/LocalPage';
import { LiveFeed, type LiveFeedOptions } from './LiveFeed';
import type { ModulesState } from './LiveState';
import { concernsModules, paceOfModules } from './useModules';

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
  let signal: (message: ModulesChangedSignal) => void = () => {};
  const feed = new LiveFeed({
    paceOf: paceOfModules,
    concerns: concernsModules,
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
  return {
    feed,
    states,
    page,
    signal: (message: Partial<ModulesChangedSignal> = {}) =>
      signal({ modules: [], ...message }),
  };
}

const { cluster, namespace, name } = settled.items[0].ref;
const shown = `${cluster}/${namespace}/${name}`;
/** By then it is known that nothing was missed before signals came. */
const SUBSCRIBED = 1_200;

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
    load.mockClear();

    signal();
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(1);
    feed.stop();
  });

  it('shows what changed before signals came, by asking once more', async () => {
    const load = jest
      .fn<Promise<ModuleListAnswer>, []>()
      .mockResolvedValueOnce({ ...settled, items: [] })
      .mockResolvedValue(settled);
    const { feed, states } = startFeed({ load, signals: true });
    await pass(SUBSCRIBED);
    expect(states.at(-1)).toMatchObject({ answer: settled });

    await pass(10_000);
    expect(load).toHaveBeenCalledTimes(3);
    feed.stop();
  });

  it('asks no more than needed where a signal comes at once, and is hidden', async () => {
    const load = jest.fn(async () => settled);
    const early = startFeed({ load, signals: true });
    await pass(50);
    early.signal();
    await pass(5_000);
    expect(load).toHaveBeenCalledTimes(2);
    early.feed.stop();

    load.mockClear();
    const hidden = startFeed({ load, signals: true });
    hidden.page.turn('hidden');
    await pass(5_000);
    expect(load).toHaveBeenCalledTimes(1);
    hidden.feed.stop();

    load.mockClear();
    const polling = startFeed({ load, signals: false });
    await pass(SUBSCRIBED);
    expect(load).toHaveBeenCalledTimes(1);
    polling.feed.stop();
  });

  it.each<{ of: string; message: Partial<ModulesChangedSignal> }>([
    { of: 'a module that it shows', message: { modules: [shown] } },
    {
      of: 'one that may be of its entity',
      message: { modules: ['prod/shop/new'], moved: true },
    },
    { of: 'many modules', message: { many: true } },
    {
      of: 'a cluster that is heard no longer',
      message: { clusters: ['prod'] },
    },
  ])('asks again after a signal of $of', async ({ message }) => {
    const load = jest.fn(async () => settled);
    const { feed, signal } = startFeed({ load, signals: true });
    await pass(5_000);
    load.mockClear();

    signal(message);
    await pass(1_000);
    expect(load).toHaveBeenCalledTimes(1);
    feed.stop();
  });

  it('does not ask again after a signal of modules of others', async () => {
    const load = jest.fn(async () => settled);
    const { feed, signal } = startFeed({ load, signals: true });
    await pass(5_000);
    load.mockClear();

    signal({ modules: ['prod/shop/other', `${shown}-2`] });
    await pass(1_000);
    expect(load).not.toHaveBeenCalled();
    feed.stop();
  });

  it('asks within bounds, however many signals come, and is right at their end', async () => {
    const load = jest.fn(async () => settled);
    const { feed, signal } = startFeed({ load, signals: true });
    const storm = async () => {
      load.mockClear();
      for (let count = 0; count < 600; count += 1) {
        signal({ modules: [shown] });
        await pass(100);
      }
      return load.mock.calls.length;
    };
    expect(await storm()).toBeLessThanOrEqual(122);
    expect(await storm()).toBeLessThanOrEqual(62);

    load.mockClear();
    signal({ modules: [shown] });
    await pass(1_000);
    expect(load.mock.calls.length).toBeGreaterThanOrEqual(1);
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
    await pass(300);
    expect(load).toHaveBeenCalledTimes(2);
    feed.stop();
  });

  it('makes up for lost signals by a slow poll', async () => {
    const load = jest.fn(async () => settled);
    const { feed } = startFeed({ load, signals: true });
    await pass(SUBSCRIBED);
    load.mockClear();
    await pass(10_000);
    expect(load).toHaveBeenCalledTimes(1);
    feed.stop();
  });

  it('waits for the signal of a cluster that is heard again, or polls without', async () => {
    const problems = [
      {
        cluster: 'prod',
        code: 'CLUSTER_UNREACHABLE' as const,
        message: 'Gone.',
        remedy: 'Wait.',
      },
    ];
    const load = jest.fn(async () => ({ ...settled, problems }));
    const told = startFeed({ load, signals: true });
    await pass(SUBSCRIBED);
    load.mockClear();
    await pass(9_000);
    expect(load).not.toHaveBeenCalled();
    told.signal({ clusters: ['prod'] });
    await pass(0);
    expect(load).toHaveBeenCalledTimes(1);
    told.feed.stop();

    load.mockClear();
    const untold = startFeed({ load });
    await pass(3_000);
    expect(load).toHaveBeenCalledTimes(2);
    untold.feed.stop();
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
