import { parseQuantity } from './parseQuantity';

describe('parseQuantity', () => {
  it.each([
    ['128Mi', 134217728],
    ['1Gi', 1073741824],
    ['1.5Gi', 1610612736],
    ['1e3', 1000],
    ['1E3', 1000],
    ['1E', 1e18],
    ['100m', 0.1],
    ['500k', 500000],
    ['.5', 0.5],
    ['2.', 2],
    ['-1', -1],
    [64, 64],
  ])('reads %s as %d', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value);
  });

  it.each(['', 'lots', '1Kib', '1 Mi', '1.2.3', 'Mi', '1mi', '1ki'])(
    'refuses %j',
    text => {
      expect(parseQuantity(text)).toBeUndefined();
    },
  );
});
