import type { WasmModule } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Answer } from '@wasi-functions/local-platform/testing';

/**
 * The module as the controller of knative-serving-wasm leaves it over a Service:
 * its one condition repeats a Service that is ready or has failed, and says of any other,
 * and of one that is refused, that it was not found; why, is in an event alone.
 */
export function toldByController({
  module,
  service,
}: {
  module: WasmModule;
  service?: Answer;
}): WasmModule {
  const { name, generation } = module.metadata;
  const ready: Answer = service?.status?.conditions?.find(
    ({ type }: Answer) => type === 'Ready',
  );
  const condition =
    ready && ready.status !== 'Unknown'
      ? ready
      : {
          type: 'Ready',
          status: 'False',
          reason: 'ServiceUnavailable',
          message: `Service "${name}" wasn't found.`,
        };
  return {
    ...module,
    status: {
      observedGeneration: generation,
      conditions: [condition],
      // Once written it stays.
      ...(service &&
        (condition.status === 'True' || (generation ?? 1) > 1) && {
          address: { url: service.status.url },
        }),
    },
  };
}
