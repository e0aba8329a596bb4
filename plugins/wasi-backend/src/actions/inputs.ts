import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import {
  WASM_MODULE_API_VERSION,
  WASM_MODULE_KIND,
  WasiError,
  type ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { z } from 'zod/v3';
import { parseRequest } from '../schema/parseRequest';
import { entityParamsSchema } from '../schema/requests';

/** What the registry hands to the functions that make a schema. @internal */
export type Zod = typeof z;

/** @internal */
export const entityInput = (zod: Zod) =>
  zod
    .string()
    .min(1)
    .max(800)
    .describe('Entity ref, e.g. `component:default/orders`.');

/** @internal */
export const moduleInput = (zod: Zod) =>
  zod
    .string()
    .min(1)
    .max(800)
    .describe('A module as list-modules names it: `cluster/namespace/name`.');

/** @internal */
export const manifestInput = (zod: Zod) =>
  zod
    .record(zod.unknown())
    .describe(
      'The whole WasmModule: `spec.image` (by digest) and what else is wanted, as get-module shows it. What it leaves out is removed. A masked env value (••••••••) keeps the one in the cluster.',
    );

/** @internal */
export const keyInput = (zod: Zod) =>
  zod
    .string()
    .min(8)
    .max(200)
    .describe(
      'A new random text for each change that is wanted, e.g. a UUID. Repeat it when a call is repeated: that gives the first answer again and changes nothing. Kept for a day.',
    );

/** @internal */
export const deploymentInput = (zod: Zod) =>
  zod
    .string()
    .min(1)
    .max(64)
    .describe('Id of a deployment, as list-deployments names it.');

/** What is left out is taken from the address. @internal */
export function readManifest(
  manifest: Record<string, unknown>,
  ref: ModuleRef,
): Record<string, unknown> {
  return {
    apiVersion: WASM_MODULE_API_VERSION,
    kind: WASM_MODULE_KIND,
    ...manifest,
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      ...(manifest.metadata as object | undefined),
    },
  };
}

/** Lower-case, as everywhere. @internal */
export function readEntityRef(text: string): string {
  try {
    return stringifyEntityRef(
      parseRequest(
        entityParamsSchema,
        parseEntityRef(text, {
          defaultKind: 'component',
          defaultNamespace: 'default',
        }),
      ),
    );
  } catch {
    // Both say less than this: what is wrong with it is that it is no ref.
    throw new WasiError('INPUT_INVALID', {
      message: `"${text.slice(0, 120)}" is no entity ref.`,
      remedy: 'Write it as kind:namespace/name, e.g. component:default/orders.',
    });
  }
}

/** @internal */
export function readModuleRef(text: string): ModuleRef {
  const [cluster, namespace, name, ...rest] = text.split('/');
  if (!cluster || !namespace || !name || rest.length > 0) {
    throw new WasiError('INPUT_INVALID', {
      message: `"${text.slice(0, 120)}" names no module.`,
      remedy: 'Write it as cluster/namespace/name, as list-modules does.',
    });
  }
  return { cluster, namespace, name };
}

/** @internal */
export function moduleIdOf(ref: ModuleRef): string {
  return `${ref.cluster}/${ref.namespace}/${ref.name}`;
}
