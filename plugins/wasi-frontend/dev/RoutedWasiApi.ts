import type { WasiApi } from '../src/apis';
import type { StoredWasiApi } from '../src/__fixtures__/StoredWasiApi';
import { states } from './states';

/** Answers what is stored for the state in the address, e.g. `/?state=empty`. */
export function createRoutedWasiApi(): WasiApi {
  let name: string | undefined;
  let stored: StoredWasiApi;
  const current = () => {
    const asked =
      new URLSearchParams(window.location.search).get('state') ?? 'full';
    if (asked !== name) {
      name = asked;
      stored = (states[asked] ?? states.full)();
    }
    return stored;
  };
  return new Proxy({} as WasiApi, {
    get: (_target, verb) => {
      const api = current();
      const member = Reflect.get(api, verb);
      return typeof member === 'function' ? member.bind(api) : member;
    },
  });
}
