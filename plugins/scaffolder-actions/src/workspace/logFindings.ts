import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Finding } from '@wasi-functions/backstage-plugin-wasi-common';
import { formatFinding } from './functionFolder';

/**
 * Writes findings that do not stop the work into the task log.
 *
 * @internal
 */
export function logFindings(logger: LoggerService, findings: Finding[]): void {
  for (const finding of findings) {
    const line = formatFinding(finding);
    if (finding.severity === 'info') {
      logger.info(line);
    } else {
      logger.warn(line);
    }
  }
}
