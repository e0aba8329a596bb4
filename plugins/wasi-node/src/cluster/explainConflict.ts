import {
  WasiError,
  type Finding,
  type ModuleRef,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { FieldConflict } from './toClusterError';

const MAX_VALUE_LENGTH = 200;

/**
 * Says of each field in conflict who owns it with which value, and which value
 * the deploy has.
 *
 * @internal
 */
export function explainConflict(options: {
  conflicts: FieldConflict[];
  current: WasmModule;
  module: WasmModule;
  ref: ModuleRef;
  entityRef: string;
}): WasiError {
  const { conflicts, current, module, ref, entityRef } = options;
  const findings = conflicts.map<Finding>(({ field, manager }) => ({
    code: 'FIELD_MANAGER_CONFLICT',
    severity: 'error',
    message: `\`${field}\` is ${show(
      current,
      field,
    )}, set by ${manager}; ${entityRef} sets ${show(module, field)}.`,
    remedy: `Change it with ${manager}, or deploy with \`force\` to take it over.`,
    path: field.replace(/^\./, ''),
  }));
  return new WasiError('FIELD_MANAGER_CONFLICT', {
    message: `Could not deploy WasmModule ${ref.namespace}/${
      ref.name
    } on cluster "${ref.cluster}": ${findings
      .map(({ message }) => message)
      .join(' ')}`,
    findings,
    cause: { conflicts },
  });
}

function show(module: WasmModule, field: string): string {
  // Values of the environment may be secrets, and this is read in logs.
  if (field.startsWith('.spec.env')) {
    return 'another value (not shown)';
  }
  const text = JSON.stringify(readField(module, field));
  if (text === undefined) {
    return 'another value';
  }
  return text.length > MAX_VALUE_LENGTH
    ? `${text.slice(0, MAX_VALUE_LENGTH)}…`
    : text;
}

/** Names of fields may have dots, as those of annotations do, so each is tried. */
function readField(value: unknown, field: string): unknown {
  if (field === '') {
    return value;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return undefined;
  }
  const rest = field.slice(1);
  const name = Object.keys(value).find(
    key => rest === key || rest.startsWith(`${key}.`),
  );
  return name === undefined
    ? undefined
    : readField(
        (value as Record<string, unknown>)[name],
        rest.slice(name.length),
      );
}
