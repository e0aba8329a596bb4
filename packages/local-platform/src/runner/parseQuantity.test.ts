import { parseQuantity } from './parseQuantity';

describe('parseQuantity', () => {
  it.each([
    ['128Mi', 134217728],
    ['1.5Gi', 1610612736],
    ['1e3', 1000],
    ['100M', 100000000],
    ['1500m', 2],
    [64, 64],
    ['0', 0],
  ])('reads %s as %s', (text, expected) => {
    expect(parseQuantity(text)).toBe(expected);
  });

  it.each(['', 'Mi', '12 Mi', '12mi', '-1', 'much'])('refuses "%s"', text => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});
