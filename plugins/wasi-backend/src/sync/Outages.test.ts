import {
  WasiError,
  type WasiErrorCode,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { Outages } from './Outages';

const failure =
  (code: WasiErrorCode, message = 'No answer.') =>
  async () => {
    throw new WasiError(code, { message });
  };

describe('a host that does not answer', () => {
  let now: Date;
  let outages: Outages;
  const work = jest.fn(async () => 'answer');

  beforeEach(() => {
    now = new Date('2026-11-21T12:00:00Z');
    outages = new Outages(() => now);
    work.mockClear();
  });

  const fail = async (times: number, code: WasiErrorCode) => {
    for (let time = 0; time < times; time += 1) {
      await expect(
        outages.guard('git', failure(code, `No answer ${time}.`)),
      ).rejects.toThrow();
    }
  };

  it('is left alone after the third time, and asked again later', async () => {
    await fail(3, 'SYNC_SOURCE_UNREADABLE');

    await expect(outages.guard('git', work)).rejects.toThrow('No answer 2.');
    await expect(outages.guard('other', work)).resolves.toBe('answer');
    expect(work).toHaveBeenCalledTimes(1);

    now = new Date('2026-11-21T12:00:45Z');
    await expect(outages.guard('git', work)).resolves.toBe('answer');
    await fail(2, 'SYNC_SOURCE_UNREADABLE');
    await expect(outages.guard('git', work)).resolves.toBe('answer');
  });

  it('is not one that answers no', async () => {
    await fail(5, 'FUNC_YAML_MISSING');

    await expect(outages.guard('git', work)).resolves.toBe('answer');
  });
});
