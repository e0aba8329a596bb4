import type { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { parseNetworkPattern } from '@wasi-functions/backstage-plugin-wasi-common';
import { toNetworkRows, type NetworkFieldValue } from '../NetworkRules';

/** Refuses rules that the controller or the runner could not read. */
export const validateNetwork: CustomFieldValidator<NetworkFieldValue> = (
  value,
  field,
) => {
  for (const { pattern } of toNetworkRows(value)) {
    const error = parseNetworkPattern(pattern).findings.find(
      finding => finding.severity === 'error',
    );
    if (error) {
      field.addError(error.message);
    }
  }
};
