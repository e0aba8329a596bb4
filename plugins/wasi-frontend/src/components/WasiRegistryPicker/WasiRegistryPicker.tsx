import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import {
  Alert,
  BgProvider,
  Select,
  Skeleton,
  VisuallyHidden,
} from '@backstage/ui';
import { useEffect } from 'react';
import { useBackendInfo } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';

/** Template form field: the registry that the module is pushed to. */
export function WasiRegistryPicker(
  props: FieldExtensionComponentProps<string, {}>,
) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state, reload } = useBackendInfo();
  const { schema, formData, onChange, required, disabled, rawErrors } = props;
  const only =
    state.phase === 'loaded' && state.value.registries.length === 1
      ? state.value.registries[0]
      : undefined;

  useEffect(() => {
    // Where there is nothing to choose from, the choice is made.
    if (only && !formData) {
      onChange(only);
    }
  }, [only, formData, onChange]);

  switch (state.phase) {
    case 'failed':
      return <ErrorNotice error={state.error} onRetry={reload} />;
    case 'loaded':
      if (state.value.registries.length === 0) {
        return (
          <Alert
            status="warning"
            icon
            title={t('fields.registry.none')}
            description={t('fields.registry.noneRemedy')}
          />
        );
      }
      return (
        // The form's paper is white, as fields are outside of a surface of Backstage UI.
        <BgProvider bg="neutral-1">
          <Select
            label={schema.title ?? t('fields.registry.title')}
            description={rawErrors?.join(' ') || schema.description}
            placeholder={t('fields.registry.placeholder')}
            options={state.value.registries.map(id => ({ id, label: id }))}
            selectedKey={formData ?? null}
            onSelectionChange={key => {
              if (key !== null) {
                onChange(String(key));
              }
            }}
            isRequired={required}
            isDisabled={disabled}
            isInvalid={!!rawErrors?.length}
          />
        </BgProvider>
      );
    default:
      return (
        <div role="status">
          <VisuallyHidden>{t('fields.registry.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={56} />
        </div>
      );
  }
}
