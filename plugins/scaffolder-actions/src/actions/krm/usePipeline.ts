import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WasiError } from '@wasi-functions/backstage-plugin-wasi-common';
import type {
  KrmFunction,
  KrmPipeline,
  ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { z } from 'zod';
import { readSource, resolveInWorkspace } from '../../workspace';

const functionSchema = z
  .strictObject({
    image: z.string().min(1).optional(),
    exec: z.string().min(1).optional(),
    configMap: z.record(z.string(), z.coerce.string()).optional(),
    // Says nothing about what runs.
    name: z.string().optional(),
  })
  .refine(({ image, exec }) => (image === undefined) !== (exec === undefined), {
    message: 'names either `image` or `exec`',
  });

/** At most so many functions of each kind; each one is a download and a process. */
const MAX_FUNCTIONS = 50;
const functionsSchema = z
  .array(functionSchema)
  .max(MAX_FUNCTIONS)
  .nullish()
  .transform(functions => functions ?? []);

/**
 * What a Kptfile and the input of an action say of a pipeline. What we do not
 * do, such as selectors, is refused and not passed over.
 */
const pipelineSchema = z.strictObject({
  mutators: functionsSchema,
  validators: functionsSchema,
});

/**
 * Fetches the functions of a pipeline for as long as they are used: those that
 * everybody may pull.
 *
 * @throws `WasiError` INPUT_INVALID, or of the registry
 * @internal
 */
export async function usePipeline<Result>(
  spec: unknown,
  options: {
    registry: Pick<ModuleRegistry, 'pull'>;
    workspacePath: string;
    maxModuleBytes: number;
    signal?: AbortSignal;
  },
  use: (pipeline: KrmPipeline) => Promise<Result>,
): Promise<Result> {
  const parsed = readPipeline(spec);
  const folder = await mkdtemp(join(tmpdir(), 'wasi-functions-'));
  const pulled = new Map<string, string>();
  try {
    const { mutators, validators } = parsed;
    return await use({
      mutators: await fetchAll(mutators),
      validators: await fetchAll(validators),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }

  async function fetchAll(
    functions: z.output<typeof functionsSchema>,
  ): Promise<KrmFunction[]> {
    const fetched: KrmFunction[] = [];
    for (const { image, exec, configMap } of functions) {
      fetched.push({
        name: image ?? exec!,
        modulePath: image
          ? await pull(image)
          : resolveInWorkspace(options.workspacePath, exec!),
        configMap,
      });
    }
    return fetched;
  }

  async function pull(image: string): Promise<string> {
    const path = pulled.get(image) ?? join(folder, `${pulled.size}.wasm`);
    if (!pulled.has(image)) {
      const source = readSource(options.workspacePath, { image });
      await options.registry.pull(source, path, {
        maxBytes: options.maxModuleBytes,
        signal: options.signal,
      });
      pulled.set(image, path);
    }
    return path;
  }
}

/** @throws `WasiError` INPUT_INVALID @internal */
export function readPipeline(spec: unknown): z.output<typeof pipelineSchema> {
  const { data, error } = pipelineSchema.safeParse(spec);
  if (!data) {
    throw new WasiError('INPUT_INVALID', {
      message: `The pipeline cannot be run: ${error.issues
        .slice(0, 10)
        .map(({ path, message }) =>
          [['pipeline', ...path].join('.'), message].join(': '),
        )
        .join('; ')}.`,
    });
  }
  return data;
}
