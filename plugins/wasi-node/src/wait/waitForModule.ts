import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import { ModuleWait } from './ModuleWait';
import type { WaitForModuleOptions } from './types';

const TICK_MS = 1_000;

/**
 * Waits until a module is Ready for a generation, and answers with it.
 *
 * Fails with the diagnosis as soon as the module has failed for good, with
 * MODULE_NOT_READY_IN_TIME at the deadline, MODULE_DELETED when it is gone and
 * MODULE_WAIT_ABORTED on abort. A watch that is cut is picked up again.
 *
 * @public
 */
export async function waitForModule(
  options: WaitForModuleOptions,
): Promise<WasmModule> {
  const done = new AbortController();
  const wait = new ModuleWait(options, done.signal);
  try {
    return await new Promise<WasmModule>((resolve, reject) => {
      const stop = (settle: () => Promise<void>) => () => {
        settle().catch(reject);
      };
      const timer = setTimeout(
        stop(() => wait.failAtDeadline()),
        options.timeoutMs,
      );
      const abort = stop(() => wait.failOnAbort());
      const ticks = setInterval(
        stop(async () => {
          const ready = await wait.tick();
          if (ready) {
            resolve(ready);
          }
        }),
        TICK_MS,
      );
      done.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        clearInterval(ticks);
        options.signal?.removeEventListener('abort', abort);
      });
      if (options.signal?.aborted) {
        abort();
        return;
      }
      options.signal?.addEventListener('abort', abort, { once: true });
      wait.follow().then(resolve, reject);
    });
  } finally {
    done.abort();
  }
}
