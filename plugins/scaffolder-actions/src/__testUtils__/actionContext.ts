import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';

/**
 * An action context over a real workspace folder, with what was logged and output.
 */
export function actionContexts() {
  const directory = createMockDirectory();
  let count = 0;

  return async function context<Input>(options: {
    input: Input;
    files?: Record<string, string | Uint8Array>;
    isDryRun?: boolean;
    signal?: AbortSignal;
    templateUrl?: string;
  }) {
    const workspacePath = directory.resolve(`workspace-${(count += 1)}`);
    await mkdir(workspacePath, { recursive: true });
    for (const [name, content] of Object.entries(options.files ?? {})) {
      const path = join(workspacePath, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    const lines: string[] = [];
    const outputs: Record<string, unknown> = {};
    const log = (message: string) => {
      lines.push(message);
    };
    const logger = { info: log, warn: log, error: log, debug: log };
    const checkpoints = new Map<string, unknown>();
    const ctx = {
      ...createMockActionContext({ input: options.input, workspacePath } as {}),
      input: options.input,
      workspacePath,
      logger: { ...logger, child: () => logger },
      isDryRun: options.isDryRun,
      signal: options.signal,
      templateInfo: options.templateUrl
        ? { entityRef: 'template:default/t', baseUrl: options.templateUrl }
        : undefined,
      output: (name: string, value: unknown) => {
        outputs[name] = value;
      },
      checkpoint: async (step: { key: string; fn: () => Promise<unknown> }) => {
        if (!checkpoints.has(step.key)) {
          checkpoints.set(step.key, await step.fn());
        }
        return checkpoints.get(step.key);
      },
    };
    // The scaffolder's own context type carries more than an action of ours reads.
    return { ctx: ctx as never, lines, outputs, workspacePath };
  };
}
