import type { SignalApi } from '@backstage/plugin-signals-react';

/** Signals without a backend: what a test publishes arrives at once. */
export class LocalSignals implements SignalApi {
  #listeners: [string, (message: never) => void][] = [];

  subscribe(channel: string, onMessage: (message: never) => void) {
    const listener: [string, (message: never) => void] = [channel, onMessage];
    this.#listeners.push(listener);
    return {
      unsubscribe: () => {
        this.#listeners = this.#listeners.filter(one => one !== listener);
      },
    };
  }

  publish(channel: string, message: unknown) {
    for (const [own, onMessage] of this.#listeners) {
      if (own === channel) {
        onMessage(message as never);
      }
    }
  }
}
