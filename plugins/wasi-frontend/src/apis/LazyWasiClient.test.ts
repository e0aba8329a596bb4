import { backendInfo } from '../__fixtures__/modules';
import { LazyWasiClient } from './LazyWasiClient';
import { WasiClient } from './WasiClient';

const fetchApi = {
  fetch: async () => new Response(JSON.stringify(backendInfo)),
};

describe('LazyWasiClient', () => {
  it('has every call of the client', () => {
    const calls = Object.getOwnPropertyNames(WasiClient.prototype)
      .filter(name => name !== 'constructor')
      .sort();
    expect(Object.keys(new LazyWasiClient({ fetchApi })).sort()).toEqual(calls);
  });

  it('answers what the client answers', async () => {
    await expect(new LazyWasiClient({ fetchApi }).getInfo()).resolves.toEqual(
      backendInfo,
    );
  });

  it('fails as the client fails', async () => {
    const client = new LazyWasiClient({
      fetchApi: {
        fetch: async () => {
          throw new TypeError('fetch failed');
        },
      },
    });
    await expect(client.getInfo()).rejects.toMatchObject({
      code: 'BACKEND_UNREACHABLE',
    });
  });
});
