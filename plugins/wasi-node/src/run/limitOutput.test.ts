import { limitOutput } from './limitOutput';

describe('limitOutput', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function start() {
    const kept: string[] = [];
    const dropped: number[] = [];
    const output = limitOutput({
      write: chunk => kept.push(chunk.toString()),
      onDropped: lines => dropped.push(lines),
    });
    return { output, dropped, text: () => kept.join('') };
  }
  const mebibyte = Buffer.from('line 90123456789\n'.repeat(61_681));

  it('keeps what comes slowly, as it comes', () => {
    const { output, dropped, text } = start();
    output.write(Buffer.from('half a '));
    output.write(Buffer.from('line\nanother\n'));
    output.close();
    expect({ text: text(), dropped }).toEqual({
      text: 'half a line\nanother\n',
      dropped: [],
    });
  });

  it('drops what is more than it may in a second, and tells how many lines', () => {
    const { output, dropped, text } = start();
    output.write(mebibyte);
    output.write(Buffer.from('a\nb\nc\n'));
    expect(text()).toBe(mebibyte.toString());
    jest.advanceTimersByTime(1_000);
    expect(dropped).toEqual([3]);
    output.write(Buffer.from('again\n'));
    output.close();
    expect(text()).toBe(`${mebibyte}again\n`);
    expect(dropped).toEqual([3]);
  });

  it('never joins the halves of two lines', () => {
    const { output, dropped, text } = start();
    output.write(Buffer.concat([mebibyte, Buffer.from('begun')]));
    output.write(Buffer.from(' and dropped\nbegun again'));
    jest.advanceTimersByTime(1_000);
    output.write(Buffer.from(' and ended\nnext\n'));
    output.close();
    expect(text()).toBe(`${mebibyte}begun\nnext\n`);
    expect(dropped).toEqual([1, 1]);
  });

  it('tells of what was dropped also when the process ends', () => {
    const { output, dropped } = start();
    output.write(mebibyte);
    output.write(Buffer.from('lost\n'));
    output.close();
    expect(dropped).toEqual([1]);
  });
});
