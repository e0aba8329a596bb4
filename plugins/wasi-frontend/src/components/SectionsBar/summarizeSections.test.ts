import { summarizeSections } from './summarizeSections';

const sections = (...sizes: number[]) =>
  sizes.map((size, index) => ({ name: `s${index}`, size }));

describe('summarizeSections', () => {
  it('has nothing to draw for no sections', () => {
    expect(summarizeSections([])).toEqual([]);
    expect(summarizeSections(sections(0))).toEqual([]);
  });

  it('puts the largest first, with its share of the whole', () => {
    expect(summarizeSections(sections(25, 75))).toEqual([
      { name: 's1', size: 75, share: 0.75, count: 1 },
      { name: 's0', size: 25, share: 0.25, count: 1 },
    ]);
  });

  it('names seven sections', () => {
    expect(
      summarizeSections(sections(7, 6, 5, 4, 3, 2, 1)).map(part => part.name),
    ).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's6']);
  });

  it('joins the smallest of eight and more, and loses no byte', () => {
    const parts = summarizeSections(sections(9, 8, 7, 6, 5, 4, 3, 2, 1));
    expect(parts.at(-1)).toEqual({ size: 6, share: 6 / 45, count: 3 });
    expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(45);
  });
});
