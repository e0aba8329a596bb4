import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { Skeleton, VisuallyHidden } from '@backstage/ui';
import { useBackendInfo } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import { RuntimeChoice } from '../RuntimeChoice';

/** Options of the field in a template's `ui:options`. */
export interface WasiRuntimePickerOptions {
  /** Offer only these runtimes. */
  runtimes?: string[];
}

/** Template form field: the runtime of a function. */
export function WasiRuntimePicker(
  props: FieldExtensionComponentProps<string, WasiRuntimePickerOptions>,
) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state, reload } = useBackendInfo();
  const { schema, uiSchema, formData, onChange, required, disabled } = props;
  const allowed = uiSchema?.['ui:options']?.runtimes;
  switch (state.phase) {
    case 'failed':
      return <ErrorNotice error={state.error} onRetry={reload} />;
    case 'loaded':
      return (
        <RuntimeChoice
          label={schema.title ?? t('fields.runtime.title')}
          description={schema.description}
          runtimes={state.value.runtimes.filter(
            ({ name }) => !allowed || allowed.includes(name),
          )}
          value={formData}
          onChange={name => onChange(name)}
          isRequired={required}
          isDisabled={disabled}
          errors={props.rawErrors}
        />
      );
    default:
      return (
        <div role="status">
          <VisuallyHidden>{t('fields.runtime.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={96} />
        </div>
      );
  }
}
