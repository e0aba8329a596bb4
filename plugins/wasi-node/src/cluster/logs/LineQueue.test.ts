import { LineQueue } from './LineQueue';

describe('a queue of log lines', () => {
  let now: number;
  let abort: AbortController;

  const queue = () =>
    new LineQueue<string>({
      maxQueued: 5,
      sizeOf: line => line.length,
      maxPerSecond: 3,
      now: () => now,
    });

  async function take(lines: LineQueue<string>, count: number) {
    const taken = [];
    for await (const told of lines.read(abort.signal)) {
      taken.push(told);
      if (taken.length === count) {
        break;
      }
    }
    return taken;
  }

  beforeEach(() => {
    now = 0;
    abort = new AbortController();
  });

  it('leaves out what is too much for a second, and says how much', async () => {
    const lines = queue();
    ['a', 'b', 'c', 'd', 'e'].forEach(line => lines.add(line));

    expect(await take(lines, 4)).toEqual([
      { line: 'a' },
      { line: 'b' },
      { line: 'c' },
      { lost: 2 },
    ]);
    now = 1_000;
    lines.add('f');
    expect(await take(lines, 1)).toEqual([{ line: 'f' }]);
  });

  it('keeps no more than so many for a reader that is slow', async () => {
    const lines = queue();
    for (let line = 0; line < 8; line += 1) {
      now += 1_000;
      lines.add(String(line));
    }

    expect((await take(lines, 6)).at(-1)).toEqual({ lost: 3 });
  });

  it('tells what there was before it fails', async () => {
    const lines = queue();
    lines.add('last words');
    lines.fail(new Error('gone'));

    const read = lines.read(abort.signal);
    expect((await read.next()).value).toEqual({ line: 'last words' });
    await expect(read.next()).rejects.toThrow('gone');
  });
});
