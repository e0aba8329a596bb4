/**
 * Why a module cannot run, in the words of the real controller, runner or
 * Knative, because portals recognise causes by them.
 *
 * `refused`: the controller creates no Service, the cause is in an event only.
 * `failed`: the revision's container fails, the cause is in the condition.
 *
 * @internal
 */
export class RunnerFailure extends Error {
  constructor(readonly kind: 'refused' | 'failed', message: string) {
    super(message);
    this.name = 'RunnerFailure';
  }
}
