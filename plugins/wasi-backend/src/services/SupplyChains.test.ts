import { mockServices } from '@backstage/backend-test-utils';
import type { SupplyChainView } from '@wasi-functions/backstage-plugin-wasi-common';
import { SupplyChains } from './SupplyChains';

const image = `localhost:5000/pay@sha256:${'a'.repeat(64)}`;
const view: SupplyChainView = { sbom: { packages: 1, signed: false } };

describe('SupplyChains', () => {
  const read = jest.fn<Promise<SupplyChainView>, [string]>();
  let now: number;
  let supplyChains: SupplyChains;

  beforeEach(() => {
    now = 0;
    read.mockReset();
    read.mockResolvedValue(view);
    supplyChains = new SupplyChains({
      reader: { read },
      logger: mockServices.logger.mock(),
      now: () => now,
    });
  });

  it('asks the registry once for all who look in the same minute', async () => {
    await Promise.all([supplyChains.read(image), supplyChains.read(image)]);
    now = 59_000;
    await expect(supplyChains.read(image)).resolves.toEqual(view);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('sees within a minute that something was attached', async () => {
    await supplyChains.read(image);
    now = 60_000;
    const signed: SupplyChainView = {
      ...view,
      signature: { state: 'trusted', keys: ['release'] },
    };
    read.mockResolvedValue(signed);
    await expect(supplyChains.read(image)).resolves.toEqual(signed);
  });

  it('knows nothing where the registry does not answer', async () => {
    read.mockRejectedValue(new Error('gone'));
    await expect(supplyChains.read(image)).resolves.toBeUndefined();
  });
});
