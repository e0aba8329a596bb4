import type { FieldChange } from '../api/deployments';
import type { Finding } from '../diagnosis';

const LONGEST_VALUE = 200;

/**
 * A conflict with another field manager as a finding: both owners, both values.
 *
 * @public
 */
export function describeConflict(conflict: FieldChange): Finding {
  const { path, owner, newOwner, before, after } = conflict;
  const isTold = before !== undefined || after !== undefined;
  return {
    code: 'FIELD_MANAGER_CONFLICT',
    severity: 'error',
    message: isTold
      ? `\`${path}\` is ${shown(
          before,
        )}, set by ${owner}; this would make it ${shown(
          after,
        )}, set by ${newOwner}.`
      : `\`${path}\` is set by ${owner}; this would make it ${newOwner}'s.`,
    remedy: `Change it with ${owner}, or use \`force\` to take it over.`,
    path,
  };
}

function shown(value: string | undefined): string {
  if (value === undefined) {
    return 'absent';
  }
  const line = value.replace(/\s*\n\s*/g, ' ');
  return line.length > LONGEST_VALUE
    ? `${line.slice(0, LONGEST_VALUE)}…`
    : line;
}
