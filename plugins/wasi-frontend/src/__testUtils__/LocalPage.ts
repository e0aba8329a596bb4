/** A page that a test hides and shows. */
export class LocalPage implements Pick<Document, 'visibilityState'> {
  visibilityState: DocumentVisibilityState = 'visible';
  readonly #events = new EventTarget();
  addEventListener = this.#events.addEventListener.bind(this.#events);
  removeEventListener = this.#events.removeEventListener.bind(this.#events);

  turn(to: DocumentVisibilityState) {
    this.visibilityState = to;
    this.#events.dispatchEvent(new Event('visibilitychange'));
  }
}
