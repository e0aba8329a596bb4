import type { LoggerService } from '@backstage/backend-plugin-api';
import type { FieldChange } from '@wasi-functions/backstage-plugin-wasi-common';
import type { DeployPlan } from '@wasi-functions/backstage-plugin-wasi-node';

const NOTHING = '(nothing)';

/**
 * Writes what a deploy would change into the task log, a field a line.
 *
 * @internal
 */
export function logPlan(
  logger: Pick<LoggerService, 'info'>,
  { ref, before, changes }: DeployPlan,
): void {
  const what = `WasmModule ${ref.namespace}/${ref.name} in ${ref.cluster}`;
  if (!before) {
    logger.info(`Plan: ${what} is new.`);
  } else if (changes.length === 0) {
    logger.info(`Plan: nothing of ${what} changes.`);
  } else {
    logger.info(
      `Plan: ${changes.length} ${
        changes.length === 1 ? 'field' : 'fields'
      } of ${what} change.`,
    );
  }
  for (const change of changes) {
    logger.info(`  ${describe(change)}`);
  }
}

function describe({ path, before, after }: FieldChange): string {
  const values = [before ?? NOTHING, after ?? NOTHING];
  return values.some(value => value.includes('\n'))
    ? `${path}:\n${indented(values[0])}\n  →\n${indented(values[1])}`
    : `${path}: ${values.join(' → ')}`;
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}
