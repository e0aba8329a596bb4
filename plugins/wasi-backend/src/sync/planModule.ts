import { createHash } from 'node:crypto';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import {
  ANNOTATION_KUBERNETES_ID,
  moduleImage,
  overlayFuncYaml,
  parseFuncYaml,
  preflight,
  toWasmModule,
  WasiError,
  type Finding,
  type FuncConfig,
  type ModuleInspection,
  type SyncRequestTarget,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  imageFactsOf,
  type PublicImages,
} from '@wasi-functions/backstage-plugin-wasi-node';
import type { Source } from './SourceReader';

/** An image by digest, and what is in it. @internal */
export interface InspectedImage {
  image: string;
  inspection: ModuleInspection;
}

/** What the source says should run. @internal */
export interface ModulePlan {
  module: WasmModule;
  /** Of the module; the same as long as nothing of it changes. */
  hash: string;
  inspected: InspectedImage;
}

/** Reads func.yaml; @throws WasiError with the findings. @internal */
export function readFuncConfig(source: Source): FuncConfig {
  const { overlay, text } = source;
  const { config, findings } = overlay
    ? overlayFuncYaml(text, overlay.text)
    : parseFuncYaml(text);
  return config ?? refuse(source, findings);
}

/** The image that func.yaml and the entity name, as a reference. @internal */
export function imageOf(config: FuncConfig, target: SyncRequestTarget): string {
  return moduleImage(config, { tag: target.tag });
}

/** The namespace that the entity names, else that of func.yaml. @internal */
export function namespaceOf(
  config: FuncConfig,
  target: SyncRequestTarget,
): string {
  return target.namespace ?? config.deploy.namespace ?? 'default';
}

/**
 * Makes the module of one environment, with its image by digest.
 *
 * @throws WasiError for what would not run.
 * @internal
 */
export async function planModule(options: {
  entity: Entity;
  source: Source;
  config: FuncConfig;
  target: SyncRequestTarget;
  images: PublicImages;
  /** As it was found before. */
  known?: InspectedImage;
  signal: AbortSignal;
}): Promise<ModulePlan> {
  const { entity, source, config, target, images, known, signal } = options;
  const manifest = await images.describe(imageOf(config, target), { signal });
  const { image } = manifest;
  const inspection =
    known?.image === image
      ? known.inspection
      : await images.inspect(image, { signal });
  const mapped = toWasmModule(config, {
    image,
    inspection,
    entityRef: stringifyEntityRef(entity),
    kubernetesId:
      entity.metadata.annotations?.[ANNOTATION_KUBERNETES_ID] ??
      entity.metadata.name,
    namespace: namespaceOf(config, target),
  });
  const findings = [
    ...mapped.findings,
    ...(mapped.module
      ? preflight(mapped.module, { ...imageFactsOf(manifest), inspection })
      : []),
  ];
  refuseErrors(source, findings);
  const { module } = mapped;
  if (!module) {
    return refuse(source, findings);
  }
  return { module, hash: hashOf(module), inspected: { image, inspection } };
}

/** @throws WasiError with the errors of the findings. @internal */
export function refuseErrors(source: Source, findings: Finding[]): void {
  if (findings.some(({ severity }) => severity === 'error')) {
    refuse(source, findings);
  }
}

function refuse(source: Source, findings: Finding[]): never {
  const errors = findings.filter(({ severity }) => severity === 'error');
  throw new WasiError(errors[0]?.code ?? 'FUNC_YAML_INVALID', {
    message: `${[source, ...(source.overlay ? [source.overlay] : [])]
      .map(({ url }) => url)
      .join(' with ')} was not deployed: ${errors
      .map(({ message, line }) =>
        line === undefined ? message : `line ${line}: ${message}`,
      )
      .join(' ')}`,
    remedy: errors[0]?.remedy,
    findings: errors,
  });
}

function hashOf(module: WasmModule): string {
  return createHash('sha256').update(JSON.stringify(module)).digest('hex');
}
