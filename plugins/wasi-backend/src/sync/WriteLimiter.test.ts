import { WriteLimiter } from './WriteLimiter';

describe('the rate of writes', () => {
  const signal = new AbortController().signal;

  it('is kept for each cluster by itself', async () => {
    const waited: number[] = [];
    let now = 1000;
    const limiter = new WriteLimiter({
      perSecond: 2,
      now: () => new Date(now),
      wait: async ms => {
        waited.push(ms);
      },
    });

    for (const cluster of ['eu', 'eu', 'us', 'eu']) {
      await limiter.take(cluster, signal);
    }
    now = 5000;
    await limiter.take('eu', signal);

    expect(waited).toEqual([500, 1000]);
  });

  it('keeps nobody who has gone', async () => {
    const limiter = new WriteLimiter({
      perSecond: 1,
      now: () => new Date(0),
      wait: async () => {},
    });
    await limiter.take('eu', signal);

    await expect(
      limiter.take('eu', AbortSignal.abort(new Error('gone'))),
    ).rejects.toThrow('gone');
  });
});
