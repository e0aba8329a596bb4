import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { VisuallyHidden } from '@backstage/ui';
import type { ModuleHealth } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { FactList } from '../FactList';
import { HealthStatus } from '../HealthStatus';
import { InlineCode } from '../InlineCode';

/** Health with its reason and remedy; a change is announced to screen readers. */
export function HealthSummary(props: { name: string; health: ModuleHealth }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { name, health } = props;
  return (
    <>
      <FactList
        facts={[
          {
            label: t('health.label'),
            value: <HealthStatus state={health.state} />,
          },
          {
            label: t('conditions.message'),
            value: <InlineCode text={health.message} />,
          },
          { label: t('health.reason'), value: health.reason },
          {
            label: t('health.remedy'),
            value: health.remedy && <InlineCode text={health.remedy} />,
          },
        ]}
      />
      <VisuallyHidden role="status">
        {t('health.announcement', {
          name,
          health: t(`health.${health.state}`),
          message: health.message,
        })}
      </VisuallyHidden>
    </>
  );
}
