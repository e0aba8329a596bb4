import { ConfigReader } from '@backstage/config';
import { readSizeBudgets } from './readSizeBudgets';

const read = (build: object) => readSizeBudgets(new ConfigReader({ ...build }));

describe('the size budgets of the configuration', () => {
  it('are none unless some are set', () => {
    expect(readSizeBudgets(undefined)).toEqual({});
    expect(read({})).toEqual({});
  });

  it('are read as bytes, by runtime', () => {
    expect(
      read({
        sizeBudgets: { 'js-wasi': '15Mi', 'rust-wasi': '800Ki' },
        overBudget: 'fail',
      }),
    ).toEqual({
      sizeBudgets: { 'js-wasi': 15 * 1024 ** 2, 'rust-wasi': 800 * 1024 },
      overBudget: 'fail',
    });
  });

  it.each([
    [
      { sizeBudgets: { 'cobol-wasi': '1Mi' } },
      'wasi.build.sizeBudgets.cobol-wasi: there is no runtime cobol-wasi.',
    ],
    [
      { sizeBudgets: { 'js-wasi': '5 MB' } },
      'wasi.build.sizeBudgets.js-wasi is "5 MB"; write a size such as 800Ki or 15Mi.',
    ],
    [
      { overBudget: 'ignore' },
      'wasi.build.overBudget is "ignore"; it may be warn or fail.',
    ],
  ])('are refused as %j', (build, message) => {
    expect(() => read(build)).toThrow(message);
  });
});
