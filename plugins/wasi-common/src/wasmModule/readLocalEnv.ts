import type { Finding } from '../diagnosis';
import { mappingError } from './mappingError';

/**
 * The value of `{{ env:NAME }}`; a finding where it is not set.
 *
 * @internal
 */
export function readLocalEnv(
  name: string,
  on: { path: string; localEnv: Record<string, string>; findings: Finding[] },
): string | undefined {
  if (Object.hasOwn(on.localEnv, name)) {
    return on.localEnv[name];
  }
  const message = `\`${on.path}\` asks for the variable ${name}, which is not set here`;
  on.findings.push(mappingError('ENV_LOCAL_UNRESOLVED', message, on.path));
  return undefined;
}
