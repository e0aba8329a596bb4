import { BriefMemory } from './BriefMemory';

describe('what is kept for a moment', () => {
  let memory: BriefMemory<number>;
  let asked: number;
  const read = (owner: string, key = 'key') =>
    memory.read({ owner, key }, async () => {
      asked += 1;
      return asked;
    });

  beforeEach(() => {
    jest.useFakeTimers();
    memory = new BriefMemory({ keptMs: 2_000 });
    asked = 0;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('serves all who ask the same of one owner, for that long', async () => {
    expect(await Promise.all([read('jane'), read('jane')])).toEqual([1, 1]);
    await jest.advanceTimersByTimeAsync(1_999);
    expect(await read('jane')).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await read('jane')).toBe(2);
  });

  it('is of one owner and one question alone', async () => {
    expect(await read('jane')).toBe(1);
    expect(await read('bob')).toBe(2);
    expect(await read('jane', 'other')).toBe(3);
  });

  it('is gone when the owner has changed something, whatever is on its way', async () => {
    let end = (_: number) => {};
    const slow = memory.read(
      { owner: 'jane', key: 'key' },
      () => new Promise<number>(resolve => (end = resolve)),
    );
    memory.forget('jane');
    expect(await read('jane')).toBe(1);
    end(100);
    expect(await slow).toBe(100);
    expect(await read('jane')).toBe(1);
  });

  it('is no failure', async () => {
    const failing = memory.read({ owner: 'jane', key: 'key' }, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await read('jane')).toBe(1);
  });

  it('is bounded for one owner, and for all of them', async () => {
    for (let key = 0; key <= 50; key += 1) {
      await read('jane', String(key));
    }
    expect(await read('jane', '50')).toBe(51);
    expect(await read('jane', '0')).toBe(52);

    for (let owner = 0; owner < 1_000; owner += 1) {
      await read(`user ${owner}`);
    }
    expect(await read('user 999')).toBe(1_052);
    expect(await read('jane', '50')).toBe(1_053);
  });
});
