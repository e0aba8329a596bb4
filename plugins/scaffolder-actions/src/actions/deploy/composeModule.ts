import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  toWasmModule,
  type Finding,
  type ModuleInspection,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import {
  inspectModule,
  runModulePipeline,
  type ModuleEngine,
  type ModuleRegistry,
} from '@wasi-functions/backstage-plugin-wasi-node';
import { readFunctionFolder, resolveInWorkspace } from '../../workspace';
import { usePipeline } from '../krm';
import { refuseModule } from './refuseErrors';

interface DeployContext {
  workspacePath: string;
  isDryRun?: boolean;
  signal?: AbortSignal;
  logger: Pick<LoggerService, 'info'>;
  input: {
    path: string;
    image: string;
    modulePath?: string;
    namespace?: string;
    env?: Record<string, string>;
    pipeline?: Parameters<typeof usePipeline>[0];
  };
}

/** A module to deploy, and what is known of it. @internal */
export interface ComposedModule {
  module: WasmModule;
  findings: Finding[];
  /** Of the file, where one was named. */
  inspection?: ModuleInspection;
}

/**
 * Makes the WasmModule of func.yaml, an image and the inputs of the action.
 *
 * @internal
 */
export async function composeModule(
  { input, isDryRun, ...ctx }: DeployContext,
  options: {
    registry: ModuleRegistry;
    engine: ModuleEngine;
    maxModuleBytes: number;
    entityRef: string;
    kubernetesId: string;
  },
): Promise<ComposedModule> {
  const { funcConfig } = await readFunctionFolder(
    ctx.workspacePath,
    input.path,
  );
  const inspection = input.modulePath
    ? await inspectModule(
        resolveInWorkspace(ctx.workspacePath, input.modulePath),
        { maxBytes: options.maxModuleBytes },
      ).catch(error => {
        if (isDryRun) {
          // A dry run builds nothing, so there is nothing to look into.
          return undefined;
        }
        throw error;
      })
    : undefined;
  const mapped = toWasmModule(funcConfig, {
    image: input.image,
    inspection,
    entityRef: options.entityRef,
    kubernetesId: options.kubernetesId,
    namespace: input.namespace,
    localEnv: input.env,
  });
  if (!mapped.module) {
    return refuseModule(mapped.findings);
  }
  const module =
    input.pipeline && !isDryRun
      ? await usePipeline(input.pipeline, { ...options, ...ctx }, pipeline =>
          transform(mapped.module!, { pipeline, ...options, ...ctx }),
        )
      : mapped.module;
  return { module, findings: mapped.findings, inspection };
}

async function transform(
  module: WasmModule,
  options: Pick<
    Parameters<typeof runModulePipeline>[0],
    'engine' | 'pipeline' | 'signal'
  > & { logger: Pick<LoggerService, 'info'> },
): Promise<WasmModule> {
  const { logger, ...run } = options;
  const made = await runModulePipeline({
    ...run,
    module,
    log: line => logger.info(line),
  });
  return made.module;
}
