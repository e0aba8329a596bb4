import type { LookupAddress, lookup } from 'node:dns';
import { promisify } from 'node:util';
import { createFetchFile, guardLookup } from './fetchFile';

function resolver(addresses: LookupAddress[]): typeof lookup {
  return ((_host: string, _options: object, callback: Function) =>
    callback(null, addresses)) as unknown as typeof lookup;
}

const lookUp = (addresses: LookupAddress[]) =>
  promisify<string, object, unknown>(guardLookup(resolver(addresses)) as never)(
    'modules.test',
    { all: true },
  );

describe('guardLookup', () => {
  it('passes addresses of other machines on', async () => {
    const addresses = [
      { address: '203.0.113.7', family: 4 },
      { address: '2001:db8::7', family: 6 },
      { address: '10.1.2.3', family: 4 },
    ];

    expect(await lookUp(addresses)).toEqual(addresses);
  });

  it.each([
    ['loopback', '127.0.0.1', 4],
    ['the unspecified address', '0.0.0.0', 4],
    ["a cloud's metadata service", '169.254.169.254', 4],
    ['IPv6 loopback', '::1', 6],
    ['IPv6 link-local', 'fe80::1', 6],
    ['loopback written as IPv6', '::ffff:127.0.0.1', 6],
  ])('refuses a name that leads to %s', async (_, address, family) => {
    await expect(
      lookUp([
        { address: '203.0.113.7', family: 4 },
        { address, family },
      ]),
    ).rejects.toThrow(
      'modules.test leads to an address of this machine or its link',
    );
  });
});

describe('createFetchFile', () => {
  it('opens no connection to a name that leads to this machine', async () => {
    const fetchFile = createFetchFile(
      resolver([{ address: '127.0.0.1', family: 4 }]),
    );

    await expect(
      fetchFile('https://modules.test/a.wasm', {
        redirect: 'manual',
        signal: new AbortController().signal,
        headers: {},
      }),
    ).rejects.toMatchObject({
      cause: new Error(
        'modules.test leads to an address of this machine or its link',
      ),
    });
  });
});
