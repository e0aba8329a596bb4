import { mockServices } from '@backstage/backend-test-utils';
import { ChangeSignals } from './ChangeSignals';

const ref = (name: string) => ({ cluster: 'prod', namespace: 'shop', name });

describe('telling browsers what changed', () => {
  it('gathers changes, names each once, and carries no data', async () => {
    const publish = jest.fn(async () => {});
    const later: (() => void)[] = [];
    const signals = new ChangeSignals({
      signals: { publish },
      logger: mockServices.logger.mock(),
      after: (ms, work) => {
        expect(ms).toBe(100);
        later.push(work);
      },
    });

    signals.changed([ref('a'), ref('b')]);
    signals.changed([ref('a')]);
    expect(publish).not.toHaveBeenCalled();
    later.shift()!();
    signals.changed([ref('c')]);
    later.shift()!();

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
    expect(later).toEqual([]);
  });

  it('says that there are many instead of naming more than a page could use', () => {
    const publish = jest.fn(async () => {});
    const later: (() => void)[] = [];
    const signals = new ChangeSignals({
      signals: { publish },
      logger: mockServices.logger.mock(),
      after: (_ms, work) => later.push(work),
    });
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ref(`m-${index}`));

    signals.changed(many(500));
    later.shift()!();
    signals.changed(many(10_000));
    signals.changed(many(10_000));
    later.shift()!();

    const messages = publish.mock.calls.map(
      ([{ message }]: any) => message as { modules: string[] },
    );
    expect(messages[0].modules).toHaveLength(500);
    expect(messages[1]).toEqual({ modules: [], many: true });
    expect(later).toEqual([]);
  });

  it('says in the log that a signal was lost', async () => {
    const logger = mockServices.logger.mock();
    const signals = new ChangeSignals({
      signals: { publish: jest.fn().mockRejectedValue(new Error('no bus')) },
      logger,
      after: (_ms, work) => work(),
    });

    signals.changed([ref('a')]);
    await new Promise(resolve => setImmediate(resolve));

    expect(logger.warn).toHaveBeenCalledWith(
      'Could not tell that modules changed',
      expect.objectContaining({ message: 'no bus' }),
    );
  });
});
