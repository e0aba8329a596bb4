import { mockServices } from '@backstage/backend-test-utils';
import type { ModulesChangedSignal } from '@wasi-functions/backstage-plugin-wasi-common';
import { ChangeSignals } from './ChangeSignals';

const ref = (name: string) => ({ cluster: 'prod', namespace: 'shop', name });
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ref(`m-${index}`));

describe('telling browsers what changed', () => {
  let publish: jest.Mock;
  let signals: ChangeSignals;

  beforeEach(() => {
    jest.useFakeTimers();
    publish = jest.fn(async () => {});
    signals = new ChangeSignals({
      signals: { publish },
      logger: mockServices.logger.mock(),
    });
  });

  afterEach(() => jest.useRealTimers());

  const told = () =>
    publish.mock.calls.map(([{ message }]) => message as ModulesChangedSignal);

  it('gathers changes, names each once, and carries no data', () => {
    signals.changed([ref('a'), ref('b')], false);
    signals.changed([ref('a')], false);
    expect(publish).not.toHaveBeenCalled();
    jest.advanceTimersByTime(100);
    signals.changed([ref('c')], false);
    jest.runAllTimers();

    expect(publish.mock.calls).toEqual([
      [
        {
          recipients: { type: 'broadcast' },
          channel: 'wasi:modules',
          message: { modules: ['prod/shop/a', 'prod/shop/b'] },
        },
      ],
      [
        {
          recipients: { type: 'broadcast' },
          channel: 'wasi:modules',
          message: { modules: ['prod/shop/c'] },
        },
      ],
    ]);
  });

  it('says so where a module came, or may belong to another entity', () => {
    signals.changed([ref('a')], true);
    jest.runAllTimers();
    signals.changed([ref('a')], false);
    jest.runAllTimers();

    expect(told()).toEqual([
      { modules: ['prod/shop/a'], moved: true },
      { modules: ['prod/shop/a'] },
    ]);
  });

  it('names the clusters that are heard again or no longer, beside modules', () => {
    signals.problem('prod');
    signals.changed([ref('a')], false);
    signals.problem('dev');
    signals.problem('prod');
    jest.runAllTimers();

    expect(told()).toEqual([
      { modules: ['prod/shop/a'], clusters: ['prod', 'dev'] },
    ]);
  });

  it('says that there are many instead of naming more than a page could use', () => {
    signals.changed(many(500), false);
    jest.runAllTimers();
    signals.changed(many(10_000), false);
    signals.changed(many(10_000), false);
    jest.runAllTimers();

    const [first, second, ...others] = told();
    expect(first.modules).toHaveLength(500);
    expect(second).toEqual({ modules: [], many: true });
    expect(others).toEqual([]);
  });

  it('tells a change that comes right after it has told of the module, once and later', () => {
    signals.changed([ref('a')], false);
    jest.advanceTimersByTime(100);
    signals.changed([ref('a')], false);
    signals.changed([ref('a')], false);
    jest.advanceTimersByTime(100);
    expect(told()).toHaveLength(1);
    jest.runAllTimers();

    expect(told()).toEqual([
      { modules: ['prod/shop/a'] },
      { modules: ['prod/shop/a'] },
    ]);
  });

  it.each([
    { title: 'one module', modules: 1, atMost: 151, ofEach: 151 },
    { title: 'a hundred modules', modules: 100, atMost: 600, ofEach: 50 },
    {
      title: 'more modules than have a name in a signal',
      modules: 2_000,
      atMost: 600,
      ofEach: 3,
    },
  ])(
    'does not flood browsers with five thousand events a minute of $title, and tells the last',
    ({ modules, atMost, ofEach }) => {
      const refs = many(modules);
      const counts = new Map<string, number>();
      for (let event = 0; event < 5_000; event += 1) {
        signals.changed([refs[event % modules]], false);
        jest.advanceTimersByTime(12);
      }
      expect(told().length).toBeLessThanOrEqual(atMost);
      told()
        .flatMap(signal => signal.modules)
        .forEach(name => counts.set(name, (counts.get(name) ?? 0) + 1));
      expect(counts.size).toBe(modules);
      expect(Math.max(...counts.values())).toBeLessThanOrEqual(ofEach);

      jest.runAllTimers();
      const before = told().length;
      signals.changed([refs[0]], false);
      signals.changed([refs[0]], false);
      jest.runAllTimers();
      expect(told().slice(before)).toEqual([{ modules: ['prod/shop/m-0'] }]);
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('does not flood them with a cluster that comes and goes', () => {
    for (let change = 0; change < 5_000; change += 1) {
      signals.problem('prod');
      jest.advanceTimersByTime(12);
    }
    expect(told().length).toBeLessThanOrEqual(151);
  });

  it('says in the log that a signal was lost', async () => {
    const logger = mockServices.logger.mock();
    signals = new ChangeSignals({
      signals: { publish: jest.fn().mockRejectedValue(new Error('no bus')) },
      logger,
    });

    signals.changed([ref('a')], false);
    await jest.runAllTimersAsync();

    expect(logger.warn).toHaveBeenCalledWith(
      'Could not tell that modules changed',
      expect.objectContaining({ message: 'no bus' }),
    );
  });
});
