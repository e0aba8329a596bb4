import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import { stringify } from 'yaml';
import { z } from 'zod';
import { readYamlList } from './resourceYaml';
import type { KrmResult } from './types';

/** Of a resource list as text, to a function and from it: it is read in one go. */
export const MAX_LIST_BYTES = 4 * 1024 * 1024;

const API_VERSION = 'config.kubernetes.io/v1';
const KIND = 'ResourceList';

/**
 * One result of a function.
 *
 * https://github.com/kubernetes-sigs/kustomize/blob/master/cmd/config/docs/api-conventions/functions-spec.md
 */
const krmResultSchema = z.object({
  message: z.string(),
  severity: z.enum(['error', 'warning', 'info']).default('error'),
  resourceRef: z
    .object({
      apiVersion: z.string().optional(),
      kind: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
    })
    .optional(),
  field: z.object({ path: z.string().optional() }).optional(),
  file: z.object({ path: z.string().optional() }).optional(),
});

/**
 * What is required of every resource; the rest of it is its own affair.
 *
 * @internal
 */
export const resourceSchema: z.ZodType<KrmResource> = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
});

/**
 * A Kubernetes resource of any kind.
 *
 * @public
 */
export interface KrmResource {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string> | null;
    annotations?: Record<string, string> | null;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

const listSchema = z.object({
  apiVersion: z.enum([API_VERSION, 'config.kubernetes.io/v1beta1']),
  kind: z.literal(KIND),
  items: z
    .array(resourceSchema)
    .nullish()
    .transform(items => items ?? []),
  results: z
    .array(krmResultSchema)
    .nullish()
    .transform(results => results ?? []),
});

/**
 * A resource with the YAML that it was written as, comments and all.
 *
 * @internal
 */
export interface KrmItem {
  resource: KrmResource;
  text: string;
}

/**
 * Makes an item of a resource that is no text yet.
 *
 * @internal
 */
export function toItem(resource: KrmResource): KrmItem {
  return { resource, text: stringify(resource) };
}

/**
 * Writes what a function gets on its standard input.
 *
 * @throws `WasiError` KRM_RESOURCES_INVALID where it is too large.
 * @internal
 */
export function writeResourceList(
  items: readonly KrmItem[],
  configMap: Readonly<Record<string, string>> | undefined,
): string {
  const head = {
    apiVersion: API_VERSION,
    kind: KIND,
    ...(configMap && {
      functionConfig: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'function-input' },
        data: configMap,
      },
    }),
  };
  const list = items.map(({ text }) => `-\n${indent(text)}`).join('');
  const text = `${stringify(head)}items:${list ? `\n${list}` : ' []\n'}`;
  if (Buffer.byteLength(text) > MAX_LIST_BYTES) {
    throw new WasiError('KRM_RESOURCES_INVALID', {
      message: `The resources have more than ${MAX_LIST_BYTES} bytes together.`,
      remedy: 'Run the pipeline over fewer resources.',
    });
  }
  return text;
}

/** Every line alike, so what a block of text is indented by stays what it was. */
function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/**
 * Reads what a function answered.
 *
 * @throws `WasiError` KRM_OUTPUT_INVALID
 * @internal
 */
export async function readResourceList(
  text: string,
  signal?: AbortSignal,
): Promise<{ items: KrmItem[]; results: KrmResult[] }> {
  if (Buffer.byteLength(text) > MAX_LIST_BYTES) {
    throw invalid(`it has more than ${MAX_LIST_BYTES} bytes`);
  }
  const { fault, value, items } = await readYamlList(text, signal);
  if (fault !== undefined) {
    throw invalid(fault);
  }
  const list = listSchema.safeParse(
    typeof value === 'object' && value !== null && items.length > 0
      ? { ...value, items: items.map(item => item.value) }
      : value,
  );
  if (!list.success) {
    throw invalid(
      list.error.issues
        .slice(0, 5)
        .map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
        .join('; '),
    );
  }
  return {
    items: list.data.items.map((resource, index) => ({
      resource,
      text: items[index].text ?? stringify(resource),
    })),
    results: list.data.results,
  };
}

function invalid(why: string): WasiError {
  return new WasiError('KRM_OUTPUT_INVALID', {
    message: `The function answered no resource list: ${why
      .slice(0, 1000)
      .replace(/[.:]$/, '')}.`,
  });
}
