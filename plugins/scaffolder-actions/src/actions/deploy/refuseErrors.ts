import {
  WasiError,
  type Finding,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { DeployPlan } from '@wasi-functions/backstage-plugin-wasi-node';
import { formatFinding } from '../../workspace';
import type { JudgedDeploy } from './judgeDeploy';

/**
 * The plan of a deploy that nothing speaks against.
 *
 * @throws WasiError with all findings.
 * @internal
 */
export function refuseErrors({ plan, findings }: JudgedDeploy): DeployPlan {
  return plan && !findings.some(isError) ? plan : refuseModule(findings);
}

/** Tells all that speaks against a module. @internal */
export function refuseModule(findings: Finding[]): never {
  const errors = findings.filter(isError);
  throw new WasiError(errors[0]?.code ?? 'MODULE_INVALID', {
    message: `The module was not deployed:\n${errors
      .map(formatFinding)
      .join('\n')}`,
    remedy: errors[0]?.remedy,
    findings: errors,
  });
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}
