import { ConfigReader } from '@backstage/config';
import { readProviderConfigs } from './readProviderConfigs';

const schedule = { frequency: { minutes: 5 }, timeout: { minutes: 1 } };

function read(wasi: object | undefined) {
  return readProviderConfigs(
    new ConfigReader({
      catalog: { providers: { ...(wasi && { wasi }) } },
    } as never),
  );
}

describe('the entries of catalog.providers.wasi', () => {
  it('are none where there are none', () => {
    expect(readProviderConfigs(new ConfigReader({}))).toEqual([]);
    expect(read(undefined)).toEqual([]);
  });

  it('name their owner as an entity ref', () => {
    expect(read({ all: { owner: 'platform', schedule } })).toMatchObject([
      { id: 'all', owner: 'group:default/platform', apis: false, schedule },
    ]);
  });

  it.each([
    [{ schedule }, /owner/],
    [{ owner: 'a:b:c', schedule }, /catalog\.providers\.wasi\.all\.owner/],
    [{ owner: 'platform' }, /schedule/],
    [{ owner: 'platform', schedule, labelSelector: 'env in' }, /env in/],
  ])('are refused where they are wrong: %j', (entry, message) => {
    expect(() => read({ all: entry })).toThrow(message);
  });
});
