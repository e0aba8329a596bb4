import { formatClusterTokens, parseClusterTokens } from './clusterTokens';

describe('tokens of a user for clusters', () => {
  it('arrive as they were sent, whatever the clusters are called', () => {
    const tokens = { prod: 'eyJ.a-b_c.d==', 'gke, eu = 1/ü': 'ya29.x' };

    expect(parseClusterTokens(formatClusterTokens(tokens))).toEqual(tokens);
  });

  it.each([
    ['nothing', ''],
    ['no name', '=token'],
    ['no token', 'prod='],
    ['a space in a token', 'prod=a b'],
    ['a name that is encoded wrongly', '%E0%A4%A=token'],
    ['a token of 9 kB', `prod=${'x'.repeat(9_000)}`],
    ['twenty-one of them', Array(21).fill('a=b').join()],
  ])('are refused as a whole for %s', (_, header) => {
    expect(parseClusterTokens(header)).toBeUndefined();
  });
});
