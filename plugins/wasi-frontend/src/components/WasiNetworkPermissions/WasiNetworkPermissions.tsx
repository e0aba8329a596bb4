import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { BgProvider } from '@backstage/ui';
import { useState } from 'react';
import { wasiTranslationRef } from '../../translation';
import {
  fromNetworkRows,
  NetworkRules,
  toNetworkRows,
  type NetworkFieldValue,
  type NetworkRow,
} from '../NetworkRules';

/**
 * Template form field: network permissions of a function.
 *
 * A field of type `object` holds what goes under `deploy.network`; one of type
 * `array` holds the patterns of outgoing TCP connections alone.
 */
export function WasiNetworkPermissions(
  props: FieldExtensionComponentProps<NetworkFieldValue, {}>,
) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { schema, formData, onChange, disabled, rawErrors } = props;
  const isList = schema.type === 'array';
  // Rows keep the order of the user, which the value does not have.
  const [rows, setRows] = useState(() => toNetworkRows(formData));

  const change = (next: NetworkRow[]) => {
    setRows(next);
    onChange(
      isList
        ? next.map(row => row.pattern)
        : fromNetworkRows(next, Array.isArray(formData) ? undefined : formData),
    );
  };

  return (
    // The form's paper is white, as fields are outside of a surface of Backstage UI.
    <BgProvider bg="neutral-1">
      <NetworkRules
        label={schema.title ?? t('fields.network.title')}
        description={schema.description ?? t('fields.network.description')}
        rows={rows}
        onChange={change}
        places={isList ? ['tcp.connect'] : undefined}
        isDisabled={disabled}
        errors={rawErrors}
      />
    </BgProvider>
  );
}
