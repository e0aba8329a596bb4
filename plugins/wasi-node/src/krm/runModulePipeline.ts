import { isDeepStrictEqual } from 'node:util';
import {
  ANNOTATION_ENTITY_REF,
  LABEL_KUBERNETES_ID,
  parseWasmModule,
  WasiError,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ModuleEngine } from '../run';
import { resourceSchema, toItem } from './resourceList';
import { runKrmPipeline } from './runKrmPipeline';
import type { KrmLimits, KrmPipeline, KrmResult } from './types';

const fixed: Record<string, (module: WasmModule) => unknown> = {
  apiVersion: module => module.apiVersion,
  kind: module => module.kind,
  'metadata beyond labels and annotations': ({ metadata }) => ({
    ...metadata,
    labels: undefined,
    annotations: undefined,
  }),
  [`the annotation ${ANNOTATION_ENTITY_REF}`]: module =>
    module.metadata.annotations?.[ANNOTATION_ENTITY_REF],
  [`the label ${LABEL_KUBERNETES_ID}`]: module =>
    module.metadata.labels?.[LABEL_KUBERNETES_ID],
  'spec.image': module => module.spec.image,
  status: module => module.status,
};

/**
 * Lets KRM functions complete and judge a WasmModule before it is applied.
 *
 * They may change how it runs. What it is, whose it is and which image was
 * checked for it stays as it was; nor can they add a second resource.
 *
 * @throws `WasiError` KRM_CHANGE_REFUSED, MODULE_INVALID, or of the function that failed
 * @public
 */
export async function runModulePipeline(
  options: {
    engine: Pick<ModuleEngine, 'runCommand'>;
    pipeline: KrmPipeline;
    module: WasmModule;
    log: (line: string) => void;
  } & KrmLimits,
): Promise<{ module: WasmModule; results: KrmResult[] }> {
  const { engine, pipeline, module, log, ...limits } = options;
  const { items, results } = await runKrmPipeline({
    engine,
    pipeline,
    items: [toItem(resourceSchema.parse(module))],
    limits,
    log,
  });
  if (items.length !== 1) {
    throw refused(
      items.length === 0
        ? 'removed the WasmModule'
        : `left ${items.length} resources; one WasmModule is deployed`,
    );
  }
  const changed = parseWasmModule(items[0].resource);
  for (const [what, value] of Object.entries(fixed)) {
    if (!isDeepStrictEqual(value(module), value(changed))) {
      throw refused(`changed ${what}`);
    }
  }
  return { module: changed, results };
}

function refused(what: string): WasiError {
  return new WasiError('KRM_CHANGE_REFUSED', {
    message: `The pipeline ${what}.`,
    remedy: 'Take the function that does so out of the pipeline.',
  });
}
