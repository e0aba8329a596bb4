import type { WasiApi } from '../src/apis';
import type { StoredWasiApi } from '../src/__fixtures__/StoredWasiApi';
import { states } from './states';

type Arguments<Verb extends keyof WasiApi> = Parameters<WasiApi[Verb]>;

/** Answers what is stored for the state in the address, e.g. `/?state=empty`. */
export class RoutedWasiApi implements WasiApi {
  #name?: string;
  #stored: StoredWasiApi = states.full();

  getInfo = () => this.#current().getInfo();
  listModules = () => this.#current().listModules();
  getArtifact = () => this.#current().getArtifact();
  getLogs = () => this.#current().getLogs();
  deleteModule = (...args: Arguments<'deleteModule'>) =>
    this.#current().deleteModule(args[0], args[1]);
  invoke = (...args: Arguments<'invoke'>) =>
    this.#current().invoke(args[0], args[1], args[2]);

  #current(): StoredWasiApi {
    const name =
      new URLSearchParams(window.location.search).get('state') ?? 'full';
    if (name !== this.#name) {
      this.#name = name;
      this.#stored = (states[name] ?? states.full)();
    }
    return this.#stored;
  }
}
