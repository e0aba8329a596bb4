import { act, renderHook } from '@testing-library/react';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { useLoad } from './useLoad';

const unreachable = new WasiError('BACKEND_UNREACHABLE', { message: 'Down.' });
const refused = new WasiError('PERMISSION_DENIED', { message: 'No.' });

describe('useLoad', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number) =>
    act(async () => {
      await jest.advanceTimersByTimeAsync(ms);
    });

  it('tries again by itself what could not be reached, and shows why until then', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockRejectedValueOnce(unreachable)
      .mockRejectedValueOnce(unreachable)
      .mockResolvedValue('here');
    const { result } = renderHook(() => useLoad(load));
    await pass(0);
    expect(result.current.state).toEqual({
      phase: 'failed',
      error: unreachable,
    });

    await pass(5_000);
    expect(load).toHaveBeenCalledTimes(2);
    expect(result.current.state.phase).toBe('failed');

    await pass(5_000);
    expect(result.current.state).toEqual({ phase: 'loaded', value: 'here' });
  });

  it('does not ask again for what was refused', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockRejectedValue(refused);
    renderHook(() => useLoad(load));
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('keeps what is there while it is fetched again on demand', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockResolvedValueOnce('first')
      .mockReturnValue(new Promise(() => {}));
    const { result } = renderHook(() => useLoad(load));
    await pass(0);
    act(() => result.current.reload());
    expect(result.current.state).toEqual({
      phase: 'loaded',
      value: 'first',
      reloading: true,
    });
  });

  it('asks no more once it is gone', async () => {
    const load = jest
      .fn<Promise<string>, [AbortSignal]>()
      .mockRejectedValue(unreachable);
    const { unmount } = renderHook(() => useLoad(load));
    await pass(0);
    unmount();
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(1);
  });
});
