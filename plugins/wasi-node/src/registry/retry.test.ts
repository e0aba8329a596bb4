import { RegistryFailure } from './RegistryFailure';
import { readRetryAfter, withRetry } from './retry';

describe('readRetryAfter', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');

  it.each([
    { header: '12', ms: 12_000 },
    { header: 'Fri, 02 Jan 2026 03:04:15 GMT', ms: 10_000 },
    { header: 'Fri, 02 Jan 2026 03:00:00 GMT', ms: 0 },
    { header: 'soon', ms: undefined },
    { header: undefined, ms: undefined },
  ])('reads $header', ({ header, ms }) => {
    expect(readRetryAfter(header, now)).toBe(ms);
  });
});

describe('withRetry', () => {
  it('waits longer each time, and throws the last error', async () => {
    const pauses: number[] = [];
    let calls = 0;
    await expect(
      withRetry(
        async () => {
          calls++;
          throw new RegistryFailure('REGISTRY_UNREACHABLE', {
            message: `try ${calls}`,
            again: {},
          });
        },
        {
          pause: async ms => {
            pauses.push(ms);
          },
        },
      ),
    ).rejects.toThrow('try 3');
    expect(pauses).toEqual([250, 500]);
  });
});
